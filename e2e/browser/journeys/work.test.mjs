// Work in the browser: stop and start with everything still there, cancel, tasks followed live, the
// story of a cluster, and the hosts.
import assert from "node:assert/strict";
import { test } from "node:test";

import { fits, journey, live } from "./journey.mjs";
import { HANGS, create, email, enter, enterAsAdministrator, frame, logOut, picture, remove, run, whileNothingIsMade } from "./stack.mjs";

const status = (page, name) => page.getByTestId(`status-${name}`);
const becomes = (page, name, word) => status(page, name).filter({ hasText: word }).waitFor();

test("a stopped cluster has everything when it is started again, and its page tells its story", { timeout: HANGS }, () =>
  journey("stop-start", ["one"], async ({ page, seen }) => {
    await enter(page, email("stop"));
    await create(page, "keeper");
    await becomes(page, "keeper", "Running");
    await page.getByRole("link", { name: "keeper" }).click();
    await page.waitForURL(/\/clusters\//);
    await page.getByRole("heading", { name: "keeper" }).waitFor();
    const loads = seen.requests.filter(({ resource }) => resource === "document").length;

    await run(page, "keeper", "kubectl create configmap kept --from-literal=word=still-here", "configmap/kept created");
    await run(page, "keeper", "kubectl create deployment idle --image=none.invalid/none --replicas=0", "deployment.apps/idle created");

    await page.getByRole("button", { name: "Stop keeper" }).click();
    await becomes(page, "keeper", "Stopped");
    const monitor = page.getByTestId("task-monitor-keeper");
    await monitor.filter({ hasText: "Stop keeper" }).waitFor();
    await monitor.filter({ hasText: "Completed" }).waitFor();
    await picture(page, "stopped");

    await page.getByRole("button", { name: "Start keeper" }).click();
    await becomes(page, "keeper", "Running");
    await monitor.filter({ hasText: "Start keeper" }).filter({ hasText: "Completed" }).waitFor();
    await run(page, "keeper", "kubectl get configmap kept -o jsonpath={.data.word}", "still-here");
    await run(page, "keeper", "kubectl get deployment idle -o name", "deployment.apps/idle");

    for (const word of ["STOPPED", "RUNNING"]) await frame(seen, word, ({ status }) => status === word);
    assert.equal(seen.requests.filter(({ resource }) => resource === "document").length, loads, "nothing was loaded anew");

    const timeline = page.getByTestId("timeline");
    for (const words of ["Created by you", "Create completed", "Stop completed", "Start completed"]) {
      await timeline.getByText(words, { exact: true }).first().waitFor();
    }
    await picture(page, "timeline");
    await page.reload();
    await timeline.getByText("Start completed", { exact: true }).waitFor();

    await remove(page, "keeper");
    await page.getByText("This cluster was deleted").waitFor();
    await timeline.getByText("Delete completed", { exact: true }).waitFor();
    await page.reload();
    await timeline.getByText("Delete completed", { exact: true }).waitFor();
    await picture(page, "story-of-the-deleted");
  }));

test("a create is followed step by step without a reload, and cancelled", { timeout: HANGS }, () =>
  journey("cancel", ["one"], async ({ page, seen }) => {
    await enter(page, email("cancel"));
    await page.goto("/tasks");
    await page.getByText("No tasks yet").waitFor();
    await live(page);
    await page.getByRole("link", { name: "Clusters", exact: true }).click();
    await create(page, "dropped");
    await frame(seen, "its making", ({ type, data }) => type === "task.changed" && data.status === "in_progress");
    await whileNothingIsMade(async () => {
      await page.getByRole("link", { name: "dropped" }).click();
      await page.getByTestId("task-monitor-dropped").waitFor();
      await page.getByRole("button", { name: "Cancel create" }).click();
      await page.getByRole("button", { name: "Cancel and delete" }).click();
    });
    await page.getByText("This cluster was deleted").waitFor();

    const asked = seen.requests.find(({ method, url }) => method === "POST" && /\/tasks\/[^/]+\/cancel\?expect_status=/.test(url));
    assert.ok(asked, "the cancel said how the task was seen");
    await frame(seen, "the cancel", ({ type, data }) => type === "task.changed" && data.status === "cancelled");
    await page.getByRole("link", { name: "Tasks", exact: true }).click();
    await page.locator('[data-status="cancelled"]', { hasText: "Create dropped" }).waitFor();
    await page.locator('[data-status="completed"]', { hasText: "Delete dropped" }).waitFor();
    await picture(page, "tasks");
  }));

test("a task is followed live: steps by the stream, no list asked for again", { timeout: HANGS }, () =>
  journey("monitor", ["one"], async ({ page, seen }) => {
    await enter(page, email("monitor"));
    await create(page, "watched");
    await page.getByRole("link", { name: "Tasks", exact: true }).click();
    const row = page.getByRole("button", { name: /Create watched/ });
    await row.click();
    const monitor = page.getByTestId("task-monitor-watched");
    await monitor.waitFor();
    await live(page);
    const from = Date.now();
    await monitor.and(page.locator('[data-status="completed"]')).waitFor();
    await monitor.getByTestId("step-ready").waitFor();
    const lists = seen.requests.filter(({ at, url }) => at > from && /\/api\/v1\/(tasks|clusters)(\?|$)/.test(url));
    assert.deepEqual(lists, [], "no list was asked for while events came");
    await frame(seen, "the steps", ({ type }) => type.startsWith("task.step_"));
    await picture(page, "monitor");
    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: "Clusters", exact: true }).click();
    await remove(page, "watched");
    await page.getByTestId("cluster-watched").waitFor({ state: "detached" });
  }));

test("the hosts are an administrator's page", { timeout: HANGS }, () =>
  journey("hosts", ["one"], async ({ page }) => {
    await enter(page, email("hosts"));
    await page.goto("/hosts");
    await page.getByRole("heading", { name: /not/i }).waitFor();
    assert.equal(await page.getByRole("link", { name: "Hosts" }).count(), 0);

    await page.goto("/dashboard");
    await logOut(page);
    await enterAsAdministrator(page);
    await page.getByRole("link", { name: "Hosts" }).click();
    const host = page.locator('[data-testid^="host-"]').first();
    await host.waitFor();
    await host.getByText(/CPU of/).waitFor();
    await host.getByText(/Leftovers/).waitFor();
    await page.getByTestId("self-checks-summary").filter({ hasText: /passed|failed/ }).waitFor();
    await picture(page, "hosts");
    await page.setViewportSize({ width: 375, height: 740 });
    await fits(page);
    await picture(page, "hosts-phone");
  }));
