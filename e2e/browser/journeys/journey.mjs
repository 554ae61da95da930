// What the journeys of people share: browsers for them, and what they do on every page.
import assert from "node:assert/strict";

import { eventually, open, picture } from "./stack.mjs";

/** Does it with a browser for each person; what was seen last is kept when it fails. */
export async function journey(name, people, work, options) {
  const opened = [];
  try {
    for (const _ of people) opened.push(await open(options));
    await work(...opened);
    for (const { seen } of opened) assert.deepEqual(seen.failures, []);
  } catch (error) {
    // Who has left is in no picture.
    for (const [i, { page }] of opened.entries()) await picture(page, `${name}-${people[i]}-failed`).catch(() => undefined);
    throw error;
  } finally {
    for (const { browser } of opened) await browser.close();
  }
}

export const live = (page) => eventually("the stream is live", async () => (await page.getByTestId("connection").getAttribute("data-connection")) === "live");

export const pages = (page, name) => page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name }).click();

export const shownOnce = (page) => page.getByTestId("shown-once").locator("code").innerText();

/** Nothing of it is beyond its width: what measures itself follows a new size in its own time. */
export async function fits(page) {
  await eventually("the page is not too wide", () => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
}

/** At the width of a phone and back, with a picture of it. */
export async function onPhone(page, name) {
  await page.setViewportSize({ width: 375, height: 740 });
  await fits(page);
  await picture(page, name);
  await page.setViewportSize({ width: 1280, height: 800 });
}

/** Whether a control that this person may not use is asleep; what they may is known after it is shown. */
export const sleeps = (control, asleep = true) =>
  eventually(`it ${asleep ? "sleeps" : "wakes up"}`, async () => ((await control.getAttribute("aria-disabled")) === "true") === asleep);
