// What is live in the browser: ten tabs on one connection, who else is here, a history that grows.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";

import { fits, journey, live } from "./journey.mjs";
import { HANGS, ask, email, enter, eventually, gauge, killed, logOut, picture, url } from "./stack.mjs";

/** Tabs of one browser; one EventSource each would be more than a browser opens to one host. */
const TABS = 10;

const streams = (transport) => gauge("labyard_streams{", `"${transport}"`);
const connection = (page) => page.getByTestId("connection");
const isLive = async (page) => (await connection(page).getAttribute("data-connection")) === "live";
const all = async (pages, test) => (await Promise.all(pages.map(test))).every(Boolean);

/** An organization of the page's person, with its workspace. */
async function team(page, name) {
  const { id } = await ask(page, "POST", "/api/v1/organizations", { name });
  const { workspaces } = await ask(page, "GET", "/api/v1/auth/me");
  return { id, workspace: workspaces.find((one) => one.organization_id === id).id };
}

async function makeCluster(page, { workspace }, name) {
  const { cluster } = await ask(page, "POST", "/api/v1/clusters", { name, workspace_id: workspace });
  return cluster.id;
}

const removeCluster = (page, id) => ask(page, "DELETE", `/api/v1/clusters/${id}`);

test("ten tabs share one stream and one socket, through a loss and until the last is closed", { timeout: HANGS }, () =>
  journey("tabs", ["one"], async ({ context, page }) => {
    await enter(page, email("tabs"));
    const place = await team(page, "Ten");
    await page.goto("about:blank");
    await eventually("nothing is open", async () => (await streams("sse")) + (await streams("websocket")) === 0);

    const tabs = [page];
    while (tabs.length < TABS) tabs.push(await context.newPage());
    for (const tab of tabs) await tab.goto("/dashboard");
    await eventually("every tab is live", () => all(tabs, isLive));
    const one = async () => (await streams("sse")) === 1 && (await streams("websocket")) === 1;
    await eventually("one stream and one socket for all", one);

    const cluster = await makeCluster(page, place, "everywhere");
    const shown = (tab) => tab.getByTestId("status-everywhere").isVisible();
    await eventually("every tab shows the cluster", () => all(tabs, shown));
    await eventually("still one stream and one socket", one);

    await killed("events-gateway");
    const cameBack = async (tab) => (await isLive(tab)) && Number(await connection(tab).getAttribute("data-reconnects")) === 1;
    await eventually("every tab came back once", () => all(tabs, cameBack));
    await eventually("on one stream and one socket again", one);
    await removeCluster(page, cluster);
    await eventually("every tab hears of the end", async () => !(await Promise.all(tabs.map(shown))).some(Boolean));

    for (const tab of tabs.splice(1)) await tab.close();
    await eventually("the last tab has them", one);
    await logOut(page);
    await eventually("nothing is open after the log-out", async () => (await streams("sse")) + (await streams("websocket")) === 0);
  }, { shared: true }));

/** Opens who is here until it says so: it closes when they are nowhere, if only between two pages. */
const isSaid = (page, words) =>
  eventually(words, async () => {
    if (await page.getByText(words).isVisible()) return true;
    const closed = page.getByRole("button", { name: /^Journey is here/, expanded: false });
    if (await closed.isVisible()) await closed.click();
    return false;
  });

test("who else is here is shown with their page, and not when they have gone", { timeout: HANGS }, () =>
  journey("presence", ["ada", "bo"], async ({ page: ada }, { page: bo, browser }) => {
    await enter(ada, email("ada"));
    const [address, place] = [email("bo"), await team(ada, "Together")];
    const { token } = await ask(ada, "POST", `/api/v1/organizations/${place.id}/invitations`, { email: address, role: "member" });
    await enter(bo, address);
    await ask(bo, "POST", "/api/v1/invitations/accept", { token });
    const cluster = await makeCluster(ada, place, "shared");

    await ada.goto(`/clusters/${cluster}`);
    await bo.goto("/dashboard");
    await live(bo);
    await isSaid(bo, "viewing cluster shared");
    await picture(bo, "presence");
    await ada.getByRole("button", { name: /^Journey is here/ }).waitFor();
    await picture(ada, "presence-cluster");

    await bo.goto(`/history?of=${place.id}`);
    await isSaid(ada, "viewing activity");
    await browser.close();
    await ada.getByTestId("who-is-here").waitFor({ state: "detached" });
    await removeCluster(ada, cluster);
  }));

test("the history grows as things happen, without a hole or a double, and is narrowed", { timeout: HANGS }, () =>
  journey("history", ["one"], async ({ page, seen }) => {
    await enter(page, email("history"));
    const place = await team(page, "Annals");
    await page.getByRole("link", { name: "Activity" }).click();
    await page.waitForURL(/\/history/);
    await page.goto(`/history?of=${place.id}`);
    await page.getByText("No activity yet").waitFor();
    await live(page);

    const reads = () => seen.requests.filter((request) => request.url.includes("/api/v1/timeline")).length;
    const before = reads();
    const cluster = await makeCluster(page, place, "annals");
    const unfolded = async (line, last) => {
      await page.getByText(line, { exact: true }).first().waitFor();
      const fold = page.getByRole("listitem").filter({ hasText: line }).getByRole("button", { name: /events$/ });
      await fold.click();
      await page.getByText(last, { exact: true }).waitFor();
      await fold.click();
    };
    await page.getByText("Created by you", { exact: true }).waitFor();
    await unfolded("Create completed", "Running");
    await removeCluster(page, cluster);
    await unfolded("Delete completed", "Deleted");
    assert.equal(reads(), before, "nothing was read again");
    const lines = (where) => where.getByTestId("timeline").getByRole("listitem").allInnerTexts();
    const reader = await page.context().newPage();
    await reader.goto(page.url());
    await reader.getByText("Delete completed", { exact: true }).waitFor();
    // Both may still hear of something.
    await eventually("what was heard is what is read", async () => isDeepStrictEqual(await lines(page), await lines(reader)));
    await reader.close();
    await page.reload();
    await picture(page, "history");

    // By keyboard alone.
    await page.getByRole("combobox", { name: "Kind" }).focus();
    await page.keyboard.press("ArrowDown");
    await page.getByRole("option", { name: "Warnings" }).waitFor();
    const chosen = page.locator("[data-combobox-selected]");
    await eventually("the arrows reach the warnings", async () => {
      if ((await chosen.allInnerTexts()).join() === "Warnings") return true;
      await page.keyboard.press("ArrowDown");
      return false;
    });
    await page.keyboard.press("Enter");
    await page.getByText("No matching activity").waitFor();
    await page.waitForURL(/kind=warnings/);
    await page.getByRole("button", { name: "Clear filters" }).press("Enter");
    await page.getByText("Delete completed", { exact: true }).waitFor();

    await page.setViewportSize({ width: 375, height: 740 });
    await fits(page);
    await picture(page, "history-phone");
    const foreign = seen.requests.filter((request) => !request.url.startsWith(url) && !/^(data|blob):/.test(request.url));
    assert.deepEqual(foreign, []);
  }));
