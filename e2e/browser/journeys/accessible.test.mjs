// Every page, by day and by night, signed in and not: none breaks a rule of WCAG 2 A or AA that a program can see.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";

import { journey } from "./journey.mjs";
import { HANGS, ask, email, enterAsAdministrator, eventually } from "./stack.mjs";

const axe = createRequire(import.meta.url).resolve("axe-core");
const ROUTES = readFileSync(new URL("../../../services/dashboard/src/app/router.tsx", import.meta.url), "utf8");
/** Of what breaks a rule, to find it again. */
const HTML_SHOWN = 160;
const RULES = { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] };

const press = (name) => (page) => page.getByRole("button", { name, exact: typeof name === "string" }).first().click();
const tab = (name) => (page) => page.getByRole("tab", { name }).click();
const row = (name) => (page) => page.getByRole("button", { name }).first().click();
const shown = (role) => (page) => page.getByRole(role).first().waitFor();

/** What is there for whoever is signed in, and for whoever is not; `then` opens what a page has behind its buttons. */
const STRANGERS = ({ invitation, share, code }) => [
  // First: its code is good for ten minutes.
  { route: "/device", at: `/device#${code}` },
  { route: "/login", at: "/login" },
  { route: "/login", at: "/login?refused=denied" },
  { route: "/register", at: "/register" },
  { route: "/invitation", at: "/invitation" },
  { route: "/invitation", at: `/invitation#${invitation}` },
  { route: "/share", at: "/share" },
  { route: "/share", at: `/share#${share}` },
  { route: "/reset", at: "/reset" },
  { route: "/reset", at: "/reset#rst_none" },
  { at: "/nowhere" },
];

const MEMBERS = ({ cluster, organization, workspace, invitation, share, code }) => [
  { route: "/device", at: `/device#${code}`, then: [press("Continue"), (page) => page.getByRole("button", { name: "Deny access" }).waitFor()] },
  { route: "/", at: "/" },
  { route: "/dashboard", at: "/dashboard" },
  { route: "/dashboard", at: "/dashboard", then: [press("New cluster"), shown("dialog")] },
  { route: "/dashboard", at: "/dashboard", then: [(page) => page.getByTestId("organization-switcher").click(), shown("menu")] },
  { route: "/dashboard", at: "/dashboard", then: [press(/^Account of/), shown("menu")] },
  { route: "/clusters/$id", at: `/clusters/${cluster}` },
  { route: "/clusters/$id", at: `/clusters/${cluster}`, then: [tab("Tasks"), row(/^Create /), shown("dialog")] },
  { route: "/clusters/$id", at: `/clusters/${cluster}`, then: [tab("Access")] },
  { route: "/clusters/$id", at: `/clusters/${cluster}`, then: [press(/^Run command in/), shown("dialog")] },
  { route: "/clusters/$id", at: `/clusters/${cluster}`, then: [press(/^Share /), shown("dialog")] },
  { route: "/clusters/$id", at: `/clusters/${cluster}`, then: [press(/^Delete /), shown("dialog")] },
  { route: "/clusters/$id", at: `/clusters/clu_${"0".repeat(32)}` },
  { route: "/tasks", at: "/tasks" },
  { route: "/history", at: `/history?of=${organization}` },
  { route: "/organizations", at: "/organizations" },
  { route: "/organizations", at: "/organizations", then: [press("New organization"), shown("dialog")] },
  { route: "/organizations/$id", at: `/organizations/${organization}?tab=members` },
  { route: "/organizations/$id", at: `/organizations/${organization}?tab=members`, then: [press("Invite people"), shown("dialog")] },
  { route: "/organizations/$id", at: `/organizations/${organization}?tab=invitations` },
  { route: "/organizations/$id", at: `/organizations/${organization}?tab=workspaces` },
  { route: "/organizations/$id", at: `/organizations/${organization}?tab=workspaces`, then: [press("New workspace"), shown("dialog")] },
  { route: "/organizations/$id", at: `/organizations/${organization}?tab=pipelines` },
  { route: "/organizations/$id", at: `/organizations/${organization}?tab=pipelines`, then: [press("Trust a pipeline"), shown("dialog")] },
  { route: "/organizations/$id", at: `/organizations/${organization}?tab=webhooks` },
  { route: "/organizations/$id", at: `/organizations/${organization}?tab=webhooks`, then: [press("New webhook"), shown("dialog")] },
  { route: "/organizations/$id", at: `/organizations/${organization}?tab=webhooks`, then: [press(/^Deliveries to/), shown("dialog")] },
  { route: "/organizations/$id", at: `/organizations/${organization}?tab=settings` },
  { route: "/workspaces/$id", at: `/workspaces/${workspace}` },
  { route: "/audit", at: "/audit" },
  { route: "/profile", at: "/profile" },
  { route: "/profile", at: "/profile", then: [press("New token"), shown("dialog")] },
  { route: "/hosts", at: "/hosts" },
  { route: "/invitation", at: `/invitation#${invitation}` },
  { route: "/share", at: `/share#${share}` },
  { at: "/nowhere" },
];

/** Something of everything, so that no page is looked at empty. */
async function world(page) {
  const { id: organization } = await ask(page, "POST", "/api/v1/organizations", { name: "Accessible" });
  const { workspaces } = await ask(page, "GET", "/api/v1/auth/me");
  const workspace = workspaces.find((one) => one.organization_id === organization).id;
  const { cluster } = await ask(page, "POST", "/api/v1/clusters", { name: "seen", workspace_id: workspace });
  const at = `/api/v1/organizations/${organization}`;
  const { token: invitation } = await ask(page, "POST", `${at}/invitations`, { email: email("seen"), role: "viewer" });
  await ask(page, "POST", `${at}/trusts`, { name: "shop", issuer: "https://id.example.org", claims: { repository: "acme/shop" }, level: "change" });
  const { webhook } = await ask(page, "POST", `/api/v1/workspaces/${workspace}/webhooks`, { url: "https://example.org/hook" });
  const { token: share } = await ask(page, "POST", `/api/v1/clusters/${cluster.id}/shares`, { level: "viewer" });
  await ask(page, "POST", "/api/v1/auth/tokens", { name: "Nightly", scope: { level: "read" } });
  await eventually("it runs", async () => (await ask(page, "GET", `/api/v1/clusters/${cluster.id}`)).status === "RUNNING");
  const { user_code: code } = await ask(page, "POST", "/api/v1/auth/device", { client: "labyard on a machine" });
  return { organization, workspace, cluster: cluster.id, invitation, share, code, webhook };
}

/** Everything has come, and nothing moves any more. */
async function settled(page) {
  await page.getByRole("heading", { level: 1 }).first().waitFor({ state: "attached" });
  const still = () => {
    const loads = document.querySelector('[role="status"][aria-label^="Loading"]');
    const moves = document.getAnimations().some(({ playState, effect }) => playState === "running" && effect.getComputedTiming().endTime !== Infinity);
    return !loads && !moves;
  };
  await eventually("the page stands still", () => page.evaluate(still));
}

/** The rules that what is shown breaks, and where; what was only caught in a movement is well when looked at again. */
async function broken(page) {
  const found = await brokenNow(page);
  return found.length === 0 ? found : brokenNow(page);
}

async function brokenNow(page) {
  await settled(page);
  const { violations } = await page.evaluate((rules) => window.axe.run(document, rules), RULES);
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html, any, all, none }) => `${id} (${help}): ${[...any, ...all, ...none].map(({ message }) => message)} at ${html.slice(0, HTML_SHOWN)}`));
}

async function inBothSchemes(page, name, found) {
  for (const scheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    const is = () => page.evaluate(() => document.documentElement.dataset.mantineColorScheme);
    await eventually(`${name} is ${scheme}`, async () => (await is()) === scheme);
    for (const what of await broken(page)) found.push(`${name}, ${scheme}: ${what}`);
  }
}

async function look(page, places, found) {
  for (const { at, then = [] } of places) {
    // Another secret behind the # alone would not load the page anew.
    await page.goto("about:blank");
    await page.goto(at);
    await settled(page);
    for (const step of then) await step(page);
    const name = `${at.split("#")[0]}${then.length > 0 ? ` (${then.length} steps on)` : ""}`;
    await inBothSchemes(page, name, found);
  }
}

test("no page breaks a rule of accessibility, by day or by night", { timeout: HANGS }, () =>
  journey("accessible", ["member", "stranger"], async (member, stranger) => {
    for (const { context } of [member, stranger]) await context.addInitScript({ path: axe });
    await enterAsAdministrator(member.page);
    const made = await world(member.page);
    const [strangers, members] = [STRANGERS(made), MEMBERS(made)];

    const known = [...ROUTES.matchAll(/\bpath: '([^']+)'/g)].map(([, path]) => path);
    const visited = new Set([...strangers, ...members].map(({ route }) => route));
    assert.deepEqual(known.filter((path) => !visited.has(path)), [], "every route of the router is looked at");

    const found = [];
    await look(stranger.page, strangers, found);
    await look(member.page, members, found);
    assert.ok(found.length === 0, `${found.length} places:\n${found.join("\n")}`);

    // Who looks would see it.
    await member.page.evaluate(() => {
      const [pale, image] = ["p", "img"].map((name) => document.querySelector("main").appendChild(document.createElement(name)));
      pale.textContent = "pale";
      Object.assign(pale.style, { color: "#bbb", background: "#fff" });
      image.src = "/none.png";
    });
    const seen = (await broken(member.page)).map((what) => what.split(" ")[0]);
    assert.deepEqual(seen.sort(), ["color-contrast", "image-alt"]);

    await ask(member.page, "DELETE", `/api/v1/clusters/${made.cluster}`);
  }));
