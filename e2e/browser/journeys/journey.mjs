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
    for (const [i, { page }] of opened.entries()) await picture(page, `${name}-${people[i]}-failed`);
    throw error;
  } finally {
    for (const { browser } of opened) await browser.close();
  }
}

export const live = (page) => eventually("the stream is live", async () => (await page.getByTestId("connection").getAttribute("data-connection")) === "live");

export const pages = (page, name) => page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name }).click();

export const shownOnce = (page) => page.getByTestId("shown-once").locator("code").innerText();

async function fits(page) {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(overflow <= 0, `the page is ${overflow} px too wide`);
}

/** At the width of a phone and back, with a picture of it. */
export async function onPhone(page, name) {
  await page.setViewportSize({ width: 375, height: 740 });
  await fits(page);
  await picture(page, name);
  await page.setViewportSize({ width: 1280, height: 800 });
}
