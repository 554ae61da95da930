// The main job in the browser: register, log in, create, watch it run, use it, delete it, log out.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { create, email, enter, eventually, open, picture, pids, signal, stack, url } from "./stack.mjs";

const status = (page, name) => page.getByTestId(`status-${name}`);

test("a cluster is made, watched live, used and deleted", { timeout: 180_000 }, async () => {
  const { browser, page, seen } = await open();
  try {
    await enter(page, email("journey"));
    await picture(page, "empty");
    await eventually("the stream is live", async () => (await page.getByTestId("connection").getAttribute("data-connection")) === "live");

    await create(page, "journey");
    await status(page, "journey").filter({ hasText: /provisioning/i }).waitFor();
    const asked = Date.now();
    await picture(page, "provisioning");
    await page.evaluate(() => window.dispatchEvent(new Event("focus")));
    let shownAt;
    await status(page, "journey").filter({ hasText: /running/i }).waitFor({ timeout: 60_000 }).then(() => (shownAt = Date.now()));
    await picture(page, "running");

    const running = seen.frames.find((frame) => frame.event.status === "RUNNING");
    assert.ok(running, "a RUNNING frame came over the stream");
    assert.ok(running.at <= shownAt, "the frame came before the badge changed");
    const polled = seen.requests.filter((request) => request.at > asked && request.at < running.at);
    assert.deepEqual(polled, [], "nothing was asked between the create and RUNNING");

    await page.getByRole("button", { name: "Terminal of journey" }).click();
    await page.getByRole("dialog").getByRole("textbox").fill("kubectl version");
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.getByTestId("command-output").filter({ hasText: "Server Version: v1." }).first().waitFor({ timeout: 30_000 });
    await picture(page, "command");
    await page.keyboard.press("Escape");

    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download the kubeconfig of journey" }).click(),
    ]);
    assert.equal(download.suggestedFilename(), "journey.kubeconfig");
    assert.match(readFileSync(await download.path(), "utf8"), /certificate-authority-data/);

    await page.getByRole("button", { name: "Delete journey" }).click();
    await picture(page, "delete");
    await page.getByRole("button", { name: "Delete cluster" }).click();
    await page.getByTestId("cluster-journey").waitFor({ state: "detached", timeout: 60_000 });

    await page.getByRole("button", { name: /^Account of/ }).click();
    await page.getByRole("menuitem", { name: "Log out" }).click();
    await page.waitForURL(/\/login/);
    const foreign = seen.requests.filter((request) => !request.url.startsWith(url) && !/^(data|blob):/.test(request.url));
    assert.deepEqual(foreign, [], "no other host was asked");
    assert.deepEqual(seen.failures, []);
  } catch (error) {
    await picture(page, "main-failed");
    throw error;
  } finally {
    await browser.close();
  }
});

test("the page outlives every service and shows the truth again", { timeout: 240_000 }, async () => {
  const { browser, page, seen } = await open();
  const connection = (state) => async () => (await page.getByTestId("connection").getAttribute("data-connection")) === state;
  try {
    await enter(page, email("faults"));
    await eventually("live", connection("live"));
    for (const program of ["events-gateway", "api-gateway", "nats-server"]) {
      const before = pids(program);
      signal(program, "KILL");
      await eventually(`${program} is back`, () => pids(program).some((pid) => !before.includes(pid)), 15_000);
      await eventually(`live after ${program}`, connection("live"), 45_000);
    }
    await create(page, "after");
    await status(page, "after").filter({ hasText: /running/i }).waitFor({ timeout: 60_000 });
    stack("stop", "events-gateway");
    await eventually("offline is shown", connection("offline"), 45_000);
    await page.getByTestId("polling-notice").waitFor();
    await picture(page, "offline");
    stack("start", "events-gateway");
    await eventually("live again", connection("live"), 45_000);
    await page.getByRole("button", { name: "Delete after" }).click();
    await page.getByRole("button", { name: "Delete cluster" }).click();
    await page.getByTestId("cluster-after").waitFor({ state: "detached", timeout: 60_000 });
    assert.deepEqual(seen.failures, []);
  } catch (error) {
    await picture(page, "faults-failed");
    throw error;
  } finally {
    await browser.close();
  }
});

test("phones and the dark have pages too", { timeout: 60_000 }, async () => {
  const { browser, page } = await open();
  try {
    await page.setViewportSize({ width: 375, height: 740 });
    await page.emulateMedia({ colorScheme: "dark" });
    await enter(page, email("phone"));
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(overflow <= 0, `the page is ${overflow} px too wide`);
    await picture(page, "phone-dark");
  } finally {
    await browser.close();
  }
});
