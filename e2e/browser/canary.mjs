// One person's and one guest's secrets through the pages, for e2e/tests/canary: two passwords come as JSON
// on standard input; what was handed out, and all that the browsers kept or asked for, go out as JSON.
import { text } from "node:stream/consumers";

import { open, password as usual } from "./journeys/stack.mjs";
import { pages, shownOnce } from "./journeys/journey.mjs";

const { email, first, second } = JSON.parse(await text(process.stdin));
const browsers = [await open(), await open()];
const [owner, guest] = browsers.map(({ page }) => page);
const said = browsers.map(({ page }) => {
  const lines = [];
  page.on("console", (message) => lines.push(message.text()));
  return lines;
});
const secrets = {};

async function register(page, address, password) {
  await page.getByRole("textbox", { name: "Email" }).fill(address);
  await page.getByRole("textbox", { name: "Name" }).fill("Canary");
  await page.getByLabel(/^Password/).first().fill(password);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("button", { name: "Log in" }).waitFor();
}

async function logIn(page, address, password) {
  await page.getByRole("textbox", { name: "Email" }).fill(address);
  await page.getByLabel(/^Password/).first().fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
}

/** What whoever sits there afterwards, or a script of the page, could find. */
async function kept(page, { context, seen }, lines) {
  await page.goto("/dashboard");
  await page.getByRole("navigation", { name: "Pages" }).waitFor();
  const inside = await page.evaluate(() => ({
    url: location.href,
    cookie: document.cookie,
    local: { ...localStorage },
    session: { ...sessionStorage },
    state: JSON.stringify(history.state),
    page: document.documentElement.outerHTML,
  }));
  const readable = (await context.cookies()).filter(({ httpOnly }) => !httpOnly);
  return { ...inside, readable, asked: seen.requests.map(({ url }) => url), lines };
}

async function cookie({ context }) {
  const own = (await context.cookies()).find(({ name }) => name.endsWith("labyard"));
  if (!own?.httpOnly) throw new Error("the cookie of a login is not kept from scripts");
  return own.value;
}

try {
  await owner.goto("/register");
  await register(owner, email, first);
  await logIn(owner, email, first);
  await owner.waitForURL(/\/dashboard/);
  secrets["a browser's cookie"] = await cookie(browsers[0]);

  await owner.getByTestId("organization-switcher").click();
  await owner.getByRole("menuitem", { name: "New organization" }).click();
  await owner.getByRole("textbox", { name: "Name" }).fill("Canaries");
  await owner.getByRole("button", { name: "Create organization" }).click();
  await owner.getByRole("heading", { name: "Canaries" }).waitFor();
  await owner.getByRole("button", { name: "Invite people" }).click();
  await owner.getByRole("button", { name: "Create link" }).click();
  const link = await shownOnce(owner);
  secrets["an invitation made on the page"] = new URL(link).hash.slice(1);
  await owner.getByRole("button", { name: "Done" }).click();

  const path = new URL(link);
  await guest.goto(`${path.pathname}${path.hash}`);
  await guest.getByRole("heading", { name: "Join Canaries" }).waitFor();
  await guest.getByRole("link", { name: "Create an account" }).click();
  const came = `guest-of-${email}`;
  await register(guest, came, usual);
  await logIn(guest, came, usual);
  await guest.getByRole("heading", { name: "Organizations" }).waitFor();
  secrets["a guest's cookie"] = await cookie(browsers[1]);

  await owner.getByRole("button", { name: /^Account of/ }).click();
  await owner.getByRole("menuitem", { name: "Profile" }).click();
  await owner.getByRole("button", { name: "New token" }).click();
  await owner.getByRole("dialog").getByRole("textbox", { name: "Name" }).fill("Canary");
  await owner.getByRole("button", { name: "Create token" }).click();
  secrets["an API token made on the page"] = await shownOnce(owner);
  await owner.getByRole("button", { name: "Done" }).click();
  await owner.getByLabel("Current password").fill(first);
  await owner.getByLabel("New password").fill(second);
  await owner.getByRole("button", { name: "Change password" }).click();
  await owner.getByText("Password changed").waitFor();
  await pages(owner, "Audit");

  const all = await Promise.all([kept(owner, browsers[0], said[0]), kept(guest, browsers[1], said[1])]);
  process.stdout.write(JSON.stringify({ secrets, kept: JSON.stringify(all) }));
} finally {
  for (const { browser } of browsers) await browser.close();
}
