// A workspace in the browser: what its clusters come to, live; a list that an event alone brings up to date; and a page
// that does not call itself live while half of it is not.
import assert from "node:assert/strict";
import { test } from "node:test";

import { journey, live, onPhone, pages } from "./journey.mjs";
import { HANGS, ask, create, email, enter, eventually, picture, remove, whileNothingIsMade } from "./stack.mjs";

/** An organization of two: its owner's page, and an admin's. */
async function team(host, came, name) {
  await enter(host, email("keeper"));
  const organization = await ask(host, "POST", "/api/v1/organizations", { name });
  const link = await ask(host, "POST", `/api/v1/organizations/${organization.id}/invitations`, { role: "admin" });
  await enter(came, email("mate"));
  await ask(came, "POST", "/api/v1/invitations/accept", { token: link.token });
  return organization;
}

async function toWorkspace(page, organization) {
  await page.goto(`/organizations/${organization.id}?tab=workspaces`);
  await page.getByTestId("workspace-default").getByRole("link", { name: "default" }).click();
  await page.getByRole("heading", { name: "default" }).waitFor();
  await live(page);
}

const status = (page, word) => page.getByTestId("workspace-status-default").filter({ hasText: word }).waitFor();

test("a workspace's page follows its clusters, and shows who is in it", { timeout: HANGS }, () =>
  journey("workspace", ["owner", "mate"], async (owner, mate) => {
    const [host, came] = [owner.page, mate.page];
    const organization = await team(host, came, "Wharf");
    await toWorkspace(host, organization);
    await status(host, "Empty");
    await picture(host, "workspace-empty");
    await toWorkspace(came, organization);
    await host.getByTestId("who-is-here").filter({ hasText: "Journey is here" }).waitFor();

    await whileNothingIsMade(async () => {
      await create(host, "crane");
      await status(came, "Provisioning");
    });
    await picture(came, "workspace-provisioning");
    await status(came, "Running");
    await came.getByTestId("status-crane").filter({ hasText: "Running" }).waitFor();
    await picture(came, "workspace");
    await onPhone(came, "workspace-phone");

    await host.getByRole("button", { name: "Change default" }).click();
    await host.getByRole("textbox", { name: "Clusters" }).fill("1");
    await host.getByRole("button", { name: "Save" }).click();
    await came.getByTestId("workspace-full").filter({ hasText: "1 live clusters; 1 are allowed" }).waitFor();
    await picture(came, "workspace-full");

    await came.getByRole("link", { name: "crane" }).click();
    const health = came.getByTestId("health-crane");
    for (const words of ["Node: healthy", "API: healthy", "Storage: healthy"]) await health.getByText(words).waitFor();
    await picture(came, "cluster-parts");
    await pages(came, "Tasks");
    await picture(came, "workspace-tasks-presence");

    await remove(host, "crane");
    await status(host, "Empty");
  }));

test("a list is told of, and a page without its WebSocket is not live", { timeout: HANGS }, () =>
  journey("told", ["owner", "mate"], async (owner, mate) => {
    const [host, came] = [owner.page, mate.page];
    const organization = await team(host, came, "Quay");
    await host.goto(`/organizations/${organization.id}?tab=webhooks`);
    await host.getByText("No webhooks yet").waitFor();
    await live(host);
    const { items } = await ask(came, "GET", `/api/v1/workspaces?organization_id=${organization.id}`);
    await ask(came, "POST", `/api/v1/workspaces/${items[0].id}/webhooks`, { url: "https://example.org/hook", types: ["cluster.created"] });
    await host.getByTestId("webhook-example.org/hook").waitFor();

    await came.routeWebSocket(/\/ws$/, () => {});
    await came.goto(`/history?of=${organization.id}`);
    await came.getByRole("heading", { name: "Activity" }).waitFor();
    const word = () => came.getByTestId("connection").getAttribute("data-connection");
    assert.notEqual(await word(), "live");
    await eventually("the page says that it is read", async () => (await word()) === "reconnecting");
    await came.getByTestId("polling-notice").waitFor();
    await picture(came, "history-without-websocket");
    await pages(came, "Clusters");
    await live(came);
  }));
