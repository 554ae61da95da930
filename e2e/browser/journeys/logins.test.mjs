// Logins without a password in the browser: by a provider of identities, there and back, and of a program
// on a machine without a browser.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { journey, onPhone, shownOnce } from "./journey.mjs";
import { LABEL, withProvider } from "./provider.mjs";
import { HANGS, ask, email, enter, eventually, home, logOut, picture, registerAdministrator, server, signIn, url } from "./stack.mjs";

const PROGRAM = process.env.LABYARD_BIN ?? join(home, "bin/labyard");

/** Somebody whose address the provider vouches for. */
const person = (name) => ({ email: email(name), email_verified: true, name: `${name} provided` });

const toProvider = async (page) => {
  await page.getByRole("button", { name: `Continue with ${LABEL}` }).click();
  await page.getByRole("heading", { name: "Test provider" }).waitFor();
};

/** On the provider's page. */
const agree = async (page, account) => {
  await page.getByLabel("Account").fill(account);
  await page.getByRole("button", { name: "Log in" }).click();
};

const toProfile = async (page) => {
  await page.getByRole("button", { name: /^Account of/ }).click();
  await page.getByRole("menuitem", { name: "Profile" }).click();
};

const connections = (page) => page.getByRole("list", { name: "Connected accounts" });

test("somebody new comes in by a provider and finds it in the profile; it taken out, the login ends", { timeout: HANGS }, () =>
  journey("provider", ["newcomer"], async ({ page, seen }) => {
    const nell = person("nell");
    await registerAdministrator(page);
    await withProvider({ nell }, async (issuer) => {
      await page.goto("/profile");
      await page.waitForURL(/\/login/);
      await page.getByRole("button", { name: `Continue with ${LABEL}` }).waitFor();
      await onPhone(page, "provider-login-phone");
      await picture(page, "provider-login");
      await toProvider(page);
      assert.ok(page.url().startsWith(issuer), "on the provider's own page");
      await agree(page, "nell");
      await page.waitForURL(/\/profile/);
      await page.getByRole("heading", { name: nell.name }).waitFor();
      await connections(page).getByText(`${LABEL} · ${nell.email}`).waitFor();
      await picture(page, "provider-profile");
      await onPhone(page, "provider-profile-phone");

      // The only way in stays.
      await page.getByRole("button", { name: `Disconnect ${LABEL}` }).click();
      await connections(page).getByRole("alert").waitFor();
      await picture(page, "provider-last-way");
      await logOut(page);
      assert.equal((await page.request.get("/api/v1/auth/me")).status(), 401, "logged out");

      // The provider still knows who sits there.
      await page.getByRole("button", { name: `Continue with ${LABEL}` }).click();
      await page.waitForURL(/\/dashboard/);
      const { user } = await ask(page, "GET", "/api/v1/auth/me");
      assert.deepEqual([user.email, user.name], [nell.email, nell.name], "the same person");
      const secrets = seen.requests.filter((request) => request.url.startsWith(url) && /[?&](id_token|access_token)=/.test(request.url));
      assert.deepEqual(secrets, [], "no token came through the browser");
    });
    await eventually("the login ended with its provider", async () => (await page.request.get("/api/v1/auth/me")).status() === 401);
  }));

test("who says no at the provider is told what to do, and can still come in", { timeout: HANGS }, () =>
  journey("cancelled", ["hesitant"], ({ page }) =>
    withProvider({ ina: person("ina") }, async () => {
      await page.goto("/tasks");
      await toProvider(page);
      await page.getByRole("button", { name: "Cancel" }).click();
      await page.waitForURL(/\/login/);
      const said = page.getByRole("alert");
      await said.getByText("The provider denied the login").waitFor();
      await said.getByText(/Try again if you meant to log in/).waitFor();
      assert.equal((await page.request.get("/api/v1/auth/me")).status(), 401, "nobody came in");
      await picture(page, "provider-cancelled");
      await onPhone(page, "provider-cancelled-phone");
      await toProvider(page);
      await agree(page, "ina");
      // Where they wanted to at first.
      await page.waitForURL(/\/tasks/);
      await page.getByRole("heading", { name: "Tasks" }).waitFor();
    }),
  ));

test("an invitation is taken by a provider's login, and a password's account is connected", { timeout: HANGS }, () =>
  journey("invited", ["owner", "guest", "owner-elsewhere"], ({ page: host }, { page: came }, { page: elsewhere }) => {
    const [gus, olga] = [person("gus"), person("olga")];
    return withProvider({ gus, olga }, async () => {
      await enter(host, olga.email);
      const { id } = await ask(host, "POST", "/api/v1/organizations", { name: "Invited" });
      await host.goto(`/organizations/${id}`);
      await host.getByRole("button", { name: "Invite people" }).click();
      await host.getByRole("button", { name: "Create link" }).click();
      await came.goto(await shownOnce(host));
      await came.getByRole("heading", { name: "Join Invited" }).waitFor();
      await came.getByRole("link", { name: "Log in" }).click();
      await toProvider(came);
      await agree(came, "gus");
      await came.waitForURL(`**/organizations/${id}`);
      await came.getByRole("heading", { name: "Invited" }).waitFor();
      await host.getByRole("button", { name: "Done" }).click();
      await host.getByTestId(`member-${gus.email}`).waitFor();

      // An address alone makes nobody somebody who is here already.
      await elsewhere.goto("/login");
      await toProvider(elsewhere);
      await agree(elsewhere, "olga");
      await elsewhere.getByRole("alert").getByText("Your email already has an account").waitFor();
      await picture(elsewhere, "provider-taken");
      await signIn(elsewhere, olga.email);
      await toProfile(elsewhere);
      await elsewhere.getByRole("button", { name: `Connect ${LABEL}` }).click();
      await elsewhere.getByText(`${LABEL} is connected`, { exact: false }).waitFor();
      await picture(elsewhere, "provider-connected");
      await logOut(elsewhere);
      await elsewhere.getByRole("button", { name: `Continue with ${LABEL}` }).click();
      await elsewhere.waitForURL(/\/dashboard/);
      assert.equal((await ask(elsewhere, "GET", "/api/v1/auth/me")).user.email, olga.email);
    });
  }));

/** The command line with a folder of its own, which goes with the test. */
function commandLine(t) {
  const folder = mkdtempSync(join(tmpdir(), "labyard-device-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const env = { PATH: process.env.PATH, HOME: folder, XDG_CONFIG_HOME: folder, LABYARD_SERVER: server };
  return (...words) => {
    const child = spawn(PROGRAM, words, { env, stdio: ["ignore", "pipe", "pipe"] });
    const said = { out: "", err: "", code: undefined };
    child.stdout.on("data", (part) => (said.out += part));
    child.stderr.on("data", (part) => (said.err += part));
    child.on("close", (code) => (said.code = code));
    t.after(() => child.kill());
    return said;
  };
}

const ended = (said) => eventually("the program ends", () => said.code !== undefined);

/** What a program that waits says: where to go, its code, and the link that has both. */
async function shown(said) {
  const words = () => /Open (\S+) in a browser.*type this code: (\S+)\nOr open (\S+)\n/.exec(said.err);
  await eventually("it shows its code", words);
  return words().slice(1);
}

test("a program without a browser shows a code, somebody lets it in by it, and it is in as them", { timeout: HANGS }, (t) =>
  journey("device", ["somebody"], async ({ page }) => {
    const labyard = commandLine(t);
    const address = email("device");
    const program = labyard("auth", "login", "--device");
    const [place, code, link] = await shown(program);
    assert.equal(place, `${url}/device`);
    await enter(page, address);

    // The code typed; with its link it is there already.
    await page.goto(place);
    await page.getByRole("textbox", { name: /^Code/ }).fill(code);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByText(/wants to act as you/).waitFor();
    assert.equal(program.code, undefined, "it waits until somebody says yes");
    await picture(page, "device");
    await onPhone(page, "device-phone");
    await page.getByRole("button", { name: "Allow access" }).click();
    await page.getByText("Access allowed", { exact: true }).waitFor();
    await ended(program);
    assert.equal(program.code, 0, program.err);
    const who = labyard("auth", "whoami");
    await ended(who);
    assert.ok(who.out.includes(address), `${who.out} ${who.err}`);

    const refused = labyard("auth", "login", "--device");
    const [, , whole] = await shown(refused);
    assert.notEqual(whole, link, "each has a code of its own");
    await page.goto(whole);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("button", { name: "Deny access" }).click();
    await page.getByText("Access denied", { exact: true }).waitFor();
    await ended(refused);
    assert.notEqual(refused.code, 0, "the program is told so");
  }));
