// People in the browser: an organization, an invitation taken, roles that bite, a cluster shared by
// link, who may do what and why, the audit.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { journey, live, onPhone, pages, shownOnce, sleeps } from "./journey.mjs";
import { HANGS, create, email, enter, logOut, password, picture, remove, server, signIn } from "./stack.mjs";

/** Opens a link as whoever got it: its secret is out of the address before anything is shown. */
async function follow(page, link) {
  await page.goto(link);
  await page.getByRole("heading", { level: 1 }).waitFor();
  assert.equal(new URL(page.url()).hash, "", "the secret is not in the address");
  await page.goBack().catch(() => undefined);
  assert.ok(!page.url().includes(link.split("#")[1]), "nor in the history");
  await page.goto(new URL(link).pathname);
}

test("somebody is invited, comes, gets another role and is taken out, and both pages follow", { timeout: HANGS }, () =>
  journey("people", ["owner", "guest"], async (owner, guest) => {
    const [host, came] = [owner.page, guest.page];
    await enter(host, email("owner"));
    await host.getByTestId("organization-switcher").click();
    await picture(host, "people-switcher");
    await host.getByRole("menuitem", { name: "New organization" }).click();
    await host.getByRole("textbox", { name: "Name" }).fill("Harbour");
    await host.getByRole("button", { name: "Create organization" }).click();
    await host.getByRole("heading", { name: "Harbour" }).waitFor();
    await live(host);

    await host.getByRole("button", { name: "Invite people" }).click();
    await picture(host, "people-invite");
    await host.getByRole("button", { name: "Create link" }).click();
    const link = await shownOnce(host);
    await picture(host, "people-invited");
    await host.getByRole("button", { name: "Done" }).click();

    const address = email("guest");
    await follow(came, link);
    await came.getByRole("heading", { name: "Join Harbour" }).waitFor();
    await picture(came, "people-invitation");
    await came.getByRole("link", { name: "Create an account" }).click();
    await came.getByRole("textbox", { name: "Email" }).fill(address);
    await came.getByRole("textbox", { name: "Name" }).fill("Guest");
    await came.getByLabel(/^Password/).first().fill(password);
    await came.getByRole("button", { name: "Create account" }).click();
    await came.getByRole("button", { name: "Log in" }).waitFor();
    await came.getByLabel(/^Password/).first().fill(password);
    await came.getByRole("button", { name: "Log in" }).click();
    // Who registers with an invitation has taken it.
    await came.getByRole("heading", { name: "Organizations" }).waitFor();
    await came.getByRole("link", { name: /^Harbour/ }).click();
    await came.getByRole("heading", { name: "Harbour" }).waitFor();
    await live(came);

    const row = host.getByTestId(`member-${address}`);
    await row.waitFor();
    await picture(host, "people-members");
    await onPhone(host, "people-members-phone");
    const invite = came.getByRole("button", { name: "Invite people" });
    await sleeps(invite);
    await came.getByRole("tab", { name: "Members" }).focus();
    await came.keyboard.press("Tab");
    await came.getByText(/Only admins and owners can invite people/).waitFor();
    await picture(came, "people-asleep");

    await row.getByRole("combobox").click();
    await host.getByRole("option", { name: /^Admin/ }).click();
    await sleeps(invite, false);
    await row.getByRole("combobox").click();
    await host.getByRole("option", { name: /^Viewer/ }).click();
    await sleeps(invite);

    await row.getByRole("button", { name: "Remove Guest" }).click();
    await picture(host, "people-take-out");
    await host.getByRole("dialog").getByRole("button", { name: "Remove member" }).click();
    await row.waitFor({ state: "detached" });
    await came.getByRole("heading", { name: "Organization not found" }).waitFor();
    await came.getByTestId("organization-switcher").click();
    await came.getByRole("menuitem", { name: "Everything" }).waitFor();
    await came.getByRole("menuitem", { name: /^Harbour/ }).waitFor({ state: "detached" });
    await came.keyboard.press("Escape");

    await host.getByRole("tab", { name: "Workspaces" }).click();
    await host.getByRole("button", { name: "New workspace" }).click();
    await host.getByRole("textbox", { name: "Name" }).fill("pier");
    await host.getByRole("textbox", { name: "Clusters" }).fill("2");
    await host.getByRole("textbox", { name: "Memory" }).fill("8");
    await picture(host, "people-workspace-form");
    await host.getByRole("button", { name: "Create workspace" }).click();
    const card = host.getByTestId("workspace-pier");
    await card.getByText("0 of 2").waitFor();
    await picture(host, "people-workspaces");
    await card.getByRole("button", { name: "Delete pier" }).click();
    await host.getByRole("button", { name: "Delete workspace" }).click();
    await card.waitFor({ state: "detached" });

    await host.getByRole("tab", { name: "Settings" }).click();
    await picture(host, "people-settings");
    await onPhone(host, "people-settings-phone");
    await host.getByRole("textbox", { name: "Name of the organization" }).fill("Docks");
    await host.getByRole("button", { name: "Save" }).click();
    await host.getByRole("heading", { name: "Docks" }).waitFor();
    await host.getByRole("button", { name: "Delete…" }).click();
    const end = host.getByRole("button", { name: "Delete organization" });
    assert.ok(await end.isDisabled(), "not before its name is typed");
    await host.getByRole("textbox", { name: "Type Docks to confirm" }).fill("Docks");
    await end.click();
    await host.getByRole("heading", { name: "Organizations" }).waitFor();
    await host.getByText("No shared organizations yet").waitFor();
    await picture(host, "people-organizations");
  }));

test("a cluster is shared by link, used, and taken away again; the audit tells of it", { timeout: HANGS }, () =>
  journey("share", ["owner", "guest"], async (owner, guest) => {
    const [host, came] = [owner.page, guest.page];
    await enter(host, email("sharer"));
    await create(host, "lent");
    await host.getByTestId("status-lent").filter({ hasText: "Running" }).waitFor();
    await host.getByRole("link", { name: "lent" }).click();
    await host.getByRole("button", { name: "Share lent" }).click();
    await host.getByRole("textbox", { name: "Email" }).fill("nobody@nowhere.example.org");
    await host.getByRole("button", { name: "Share cluster" }).click();
    await host.getByText(/No one here has this address/).waitFor();
    await picture(host, "share-refused");
    await host.getByText("Anyone with the link").click();
    await host.getByRole("textbox", { name: "Hours" }).fill("2");
    await host.getByRole("button", { name: "Create link" }).click();
    const link = await shownOnce(host);
    await picture(host, "share-link");
    await host.keyboard.press("Escape");

    await enter(came, email("borrower"));
    await follow(came, link);
    await picture(came, "share-page");
    await came.getByRole("button", { name: "Open cluster" }).click();
    await came.getByRole("heading", { name: "lent" }).waitFor();
    await live(came);
    await sleeps(came.getByRole("button", { name: "Delete lent" }));
    const refused = await came.evaluate(() => fetch(location.pathname.replace("/clusters", "/api/v1/clusters"), { method: "DELETE" }).then(({ status }) => status));
    assert.equal(refused, 403, "what is asleep is refused as well");
    await came.getByRole("tab", { name: "Access" }).click();
    await came.getByText(/Joined by link: Viewer, until/).waitFor();
    await picture(came, "share-taken");
    await onPhone(came, "share-taken-phone");
    await pages(came, "Clusters");
    await came.getByTestId("organization-switcher").click();
    await came.getByRole("menuitem", { name: "Shared with me" }).click();
    await came.getByTestId("cluster-lent").waitFor();
    await picture(came, "share-with-me");
    await came.getByRole("link", { name: "lent" }).click();

    await host.getByRole("tab", { name: "Access" }).click();
    await host.getByText(/Joined by link: Viewer/).waitFor();
    await picture(host, "share-access");
    await host.getByRole("button", { name: "Share lent" }).click();
    await host.getByRole("list", { name: "Shares" }).getByRole("button", { name: "Revoke: Link" }).click();
    await host.getByText("Not shared outside its organization.").waitFor();
    await host.keyboard.press("Escape");
    await came.reload();
    await came.getByRole("heading", { name: "Cluster not found" }).waitFor();

    await pages(host, "Audit");
    await host.locator('tr[data-action="create_share"]').first().waitFor();
    await picture(host, "audit");
    await onPhone(host, "audit-phone");
    const [download] = await Promise.all([host.waitForEvent("download"), host.getByRole("link", { name: "Download CSV" }).click()]);
    const csv = readFileSync(await download.path(), "utf8");
    assert.match(csv, /^number,at,organization_id,workspace_id,cluster_id,user_id,email,/);
    assert.match(csv, /,create_share,/);
    assert.ok(!csv.includes(link.split("#")[1]), "the link's secret is not in the audit");
    await pages(came, "Audit");
    await came.getByRole("combobox", { name: "Result" }).click();
    await came.getByRole("option", { name: "Denied" }).click();
    await came.locator('tr[data-allowed="false"][data-action="delete_cluster"]').first().waitFor();
    await came.locator('tr[data-allowed="true"]').first().waitFor({ state: "detached" });
    await picture(came, "audit-refused");

    await pages(host, "Clusters");
    await remove(host, "lent");
    await host.getByTestId("cluster-lent").waitFor({ state: "detached" });
    await logOut(host);
  }));

test("a profile: another name and password, a token that acts, logins that end", { timeout: HANGS }, () =>
  journey("profile", ["one", "other"], async (one, other) => {
    const [page, elsewhere] = [one.page, other.page];
    const address = email("profile");
    await enter(page, address);
    await elsewhere.goto("/login");
    await signIn(elsewhere, address);

    await page.getByRole("button", { name: /^Account of/ }).click();
    await page.getByRole("menuitem", { name: "Profile" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("Somebody else");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: "Somebody else" }).waitFor();

    await page.getByRole("button", { name: "New token" }).click();
    await page.getByRole("dialog").getByRole("textbox", { name: "Name" }).fill("Nightly");
    await page.getByRole("button", { name: "Create token" }).click();
    const token = await shownOnce(page);
    await picture(page, "profile-token");
    await page.getByRole("button", { name: "Done" }).click();
    const asked = (path) => fetch(server + path, { headers: { Authorization: `Bearer ${token}` } }).then(({ status }) => status);
    assert.equal(await asked("/api/v1/clusters"), 200, "the token reads");
    assert.equal(await asked("/api/v1/auth/tokens"), 403, "but not its maker's account");
    await page.getByRole("button", { name: "Revoke Nightly" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
    await page.getByText("No tokens yet.").waitFor();
    assert.equal(await asked("/api/v1/clusters"), 401, "and is nothing once it is revoked");

    await page.getByLabel("Current password").fill(password);
    await page.getByLabel("New password").fill("another horse entirely");
    await picture(page, "profile");
    await onPhone(page, "profile-phone");
    await page.getByRole("button", { name: "Change password" }).click();
    await page.getByText("Password changed").waitFor();
    await elsewhere.waitForURL(/\/login/);

    await page.getByRole("button", { name: "Log out everywhere…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Log out everywhere" }).click();
    await page.waitForURL(/\/login/);
  }));
