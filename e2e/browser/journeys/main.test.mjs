// The main job in the browser: register, log in, create, watch it run, use it, delete it, log out.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { fits, live } from "./journey.mjs";
import { HANGS, create, email, enter, eventually, frame, killed, open, picture, stack, url, whileNothingIsMade } from "./stack.mjs";

const status = (page, name) => page.getByTestId(`status-${name}`);

test("a cluster is made, watched live, used and deleted", { timeout: HANGS }, async () => {
  const { browser, page, seen } = await open();
  try {
    await enter(page, email("journey"));
    await picture(page, "empty");
    await live(page);

    await whileNothingIsMade(async () => {
      await create(page, "journey");
      await status(page, "journey").filter({ hasText: /provisioning/i }).waitFor();
    });
    const asked = Date.now();
    await picture(page, "provisioning");
    await page.evaluate(() => window.dispatchEvent(new Event("focus")));
    await status(page, "journey").filter({ hasText: /running/i }).waitFor();
    const shownAt = Date.now();
    await picture(page, "running");

    // Nobody asked and nobody answered: it is the frame that has changed the badge.
    await frame(seen, "RUNNING", ({ status }) => status === "RUNNING");
    const polled = seen.requests.filter(({ at }) => at > asked && at < shownAt);
    assert.deepEqual(polled, [], "nothing was asked between the create and RUNNING");

    await page.getByRole("button", { name: "Run command in journey" }).click();
    await page.getByRole("dialog").getByRole("textbox").fill("kubectl version");
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.getByTestId("command-output").filter({ hasText: "Server Version: v1." }).first().waitFor();
    await picture(page, "command");
    await page.keyboard.press("Escape");

    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download kubeconfig for journey" }).click(),
    ]);
    assert.equal(download.suggestedFilename(), "journey.kubeconfig");
    assert.match(readFileSync(await download.path(), "utf8"), /certificate-authority-data/);

    await page.getByRole("button", { name: "Delete journey" }).click();
    await picture(page, "delete");
    await page.getByRole("button", { name: "Delete cluster" }).click();
    await page.getByTestId("cluster-journey").waitFor({ state: "detached" });

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

test("the page outlives every service and shows the truth again", { timeout: HANGS }, async () => {
  const { browser, page, seen } = await open();
  const connection = (state) => async () => (await page.getByTestId("connection").getAttribute("data-connection")) === state;
  try {
    await enter(page, email("faults"));
    await eventually("live", connection("live"));
    for (const program of ["events-gateway", "api-gateway", "nats-server"]) {
      await killed(program);
      await eventually(`live after ${program}`, connection("live"));
    }
    // The stream is another program's: it may live before the API answers.
    await eventually("the API answers", async () => (await page.request.get("/api/v1/auth/me")).ok());
    await create(page, "after");
    await status(page, "after").filter({ hasText: /running/i }).waitFor();
    stack("stop", "events-gateway");
    await eventually("offline is shown", connection("offline"));
    await page.getByTestId("polling-notice").waitFor();
    await picture(page, "offline");
    stack("start", "events-gateway");
    await eventually("live again", connection("live"));
    await page.getByRole("button", { name: "Delete after" }).click();
    await page.getByRole("button", { name: "Delete cluster" }).click();
    await page.getByTestId("cluster-after").waitFor({ state: "detached" });
    assert.deepEqual(seen.failures, []);
  } catch (error) {
    await picture(page, "faults-failed");
    throw error;
  } finally {
    await browser.close();
  }
});

test("phones and the dark have pages too", { timeout: HANGS }, async () => {
  const { browser, page } = await open();
  try {
    await page.setViewportSize({ width: 375, height: 740 });
    await page.emulateMedia({ colorScheme: "dark" });
    await enter(page, email("phone"));
    await page.getByRole("button", { name: /^Account of/ }).waitFor();
    await fits(page);
    await picture(page, "phone-dark");
  } finally {
    await browser.close();
  }
});
