// The stack under test and a browser looking at it: Chromium of the distribution, its network watched.
import { execFileSync } from "node:child_process";
import dns from "node:dns";
import { mkdirSync, readFileSync, readdirSync, readlinkSync, realpathSync } from "node:fs";
import { join } from "node:path";

import { chromium } from "playwright-core";

/** What is not there by then, in milliseconds, is not late by a busy machine. */
const PATIENCE = 120_000;
/** A journey that is not over by then never will be. */
export const HANGS = 900_000;

/** Where people open the page. */
export const url = process.env.LABYARD_E2E_PAGE ?? "http://labyard.localhost:3000";
/** Where programs reach the API: they may not know the page's name. */
export const server = process.env.LABYARD_E2E_URL ?? "http://localhost:3000";
export const home = process.env.LABYARD_E2E_HOME ?? ".labyard";
/** Where the page is over https, certified by an authority that no browser here was told of. */
export const https = () => `https://${new URL(url).hostname}:${port("EDGE_TLS")}`;
const screenshots = process.env.LABYARD_E2E_SCREENSHOTS ?? "screenshots";
const executablePath = process.env.LABYARD_E2E_CHROMIUM || "/usr/bin/chromium";

// What a page's requests by the test itself (page.request) look up: *.localhost is this machine, as to every browser.
const { lookup } = dns.promises;
dns.promises.lookup = (name, options) => lookup(name.endsWith(".localhost") ? "localhost" : name, options);

/**
 * A page in a browser of its own, its requests and its event stream's frames written down; `shared`
 * lets its pages share one connection, as they do, whose frames are not seen.
 */
export async function open({ shared = false, at = url } = {}) {
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
  });
  const context = await browser.newContext({ baseURL: at, ignoreHTTPSErrors: at !== url, acceptDownloads: true, viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(PATIENCE);
  // In a worker the frames cannot be seen from the page: here the stream is the page's own.
  if (!shared) await context.addInitScript(() => delete window.SharedWorker);
  const page = await context.newPage();
  const seen = { requests: [], frames: [], failures: [] };
  page.on("request", (request) => seen.requests.push({ at: Date.now(), method: request.method(), url: request.url(), resource: request.resourceType() }));
  page.on("pageerror", (error) => seen.failures.push(String(error)));
  page.on("console", (message) => {
    if (/Content Security Policy/.test(message.text())) seen.failures.push(message.text());
  });
  const cdp = await context.newCDPSession(page);
  await cdp.send("Network.enable");
  cdp.on("Network.eventSourceMessageReceived", (frame) => {
    if (frame.eventName === "message") seen.frames.push({ at: Date.now(), event: JSON.parse(frame.data) });
  });
  return { browser, context, page, seen };
}

export async function picture(page, name) {
  mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
}

export const password = "correct horse battery";

export function email(name) {
  return `${name}-${Date.now()}@example.org`;
}

const ADMINISTRATOR = "administrator@example.org";

/** Whoever is first on a stack is its administrator: this one, before anybody else. */
export async function registerAdministrator(page) {
  // On any other stack the address is taken, and the log-in says so if it is somebody else's.
  const data = { email: ADMINISTRATOR, name: "Administrator", password };
  // Neither too many at once nor a gateway that begins leaves a stack without one.
  const answered = async () => (await page.request.post("/api/v1/auth/register", { data })).status() < 429;
  await eventually("whoever is first is answered", answered);
}

/** Registers on the page and logs in there. */
export async function enter(page, address) {
  await registerAdministrator(page);
  await page.goto("/register");
  await page.getByLabel(/name/i).first().fill("Journey");
  await page.getByLabel(/e-?mail/i).fill(address);
  await page.getByLabel(/^password/i).first().fill(password);
  await page.getByRole("button", { name: /create account|register|sign up/i }).click();
  await page.waitForURL(/\/login/);
  await signIn(page, address);
}

/** On the log-in page. */
export async function signIn(page, address) {
  // The address changes before the page does, and the one before has a password too.
  await page.getByRole("button", { name: /log in|sign in/i }).waitFor();
  await page.getByRole("textbox", { name: /e-?mail/i }).fill(address);
  await page.getByLabel(/^password/i).first().fill(password);
  await page.getByRole("button", { name: /log in|sign in/i }).click();
  await page.waitForURL(/\/dashboard/);
}

export async function logOut(page) {
  await page.getByRole("button", { name: /^Account of/ }).click();
  await page.getByRole("menuitem", { name: "Log out" }).click();
  await page.waitForURL(/\/login/);
}

/** Logs in the stack's administrator. */
export async function enterAsAdministrator(page) {
  await registerAdministrator(page);
  await page.goto("/login");
  await signIn(page, ADMINISTRATOR);
}

/** Runs a command in a cluster from its page or row, and waits for what it says. */
export async function run(page, name, command, says) {
  await page.getByRole("button", { name: `Run command in ${name}` }).click();
  await page.getByRole("textbox", { name: "Command" }).fill(command);
  await page.getByRole("button", { name: "Run", exact: true }).click();
  const output = page.getByTestId("command-output");
  await output.getByTestId("exit-code").first().waitFor();
  const said = await output.innerText();
  if (!said.includes(says)) throw new Error(`${command} said: ${said}`);
  await page.keyboard.press("Escape");
  await output.waitFor({ state: "detached" });
}

export async function remove(page, name) {
  await page.getByRole("button", { name: `Delete ${name}` }).click();
  await page.getByRole("button", { name: "Delete cluster" }).click();
}

export async function create(page, name) {
  await page.getByRole("button", { name: "New cluster" }).first().click();
  await page.getByRole("dialog").getByLabel(/name/i).first().fill(name);
  await page.getByRole("button", { name: "Create cluster" }).click();
}

/** Process IDs of one of the stack's programs, found by the file they run. */
export function pids(program) {
  const path = realpathSync(join(home, "bin", program));
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/exe`) === path;
      } catch {
        return false;
      }
    });
}

export function signal(program, name) {
  const found = pids(program);
  if (found.length === 0) throw new Error(`${program} does not run`);
  end(found, name);
}

/** Kills one of the stack's programs and waits until another process runs it. */
export async function killed(program) {
  const before = pids(program);
  signal(program, "KILL");
  await eventually(`${program} is back`, () => pids(program).some((pid) => !before.includes(pid)));
}

/** While nothing is made: a slow browser takes longer to look or to click than a fast machine to make a cluster. */
export async function whileNothingIsMade(work) {
  signal("provisioner-worker", "STOP");
  try {
    await work();
  } finally {
    signal("provisioner-worker", "CONT");
  }
}

/** Sends processes a signal. */
function end(processes, name) {
  execFileSync("kill", [`-${name}`, ...processes]);
}

/** Kills what serves at the stack's door, and with it every connection; its master replaces each at once. */
export async function breakConnections() {
  const master = readFileSync(join(home, "edge/nginx.pid"), "utf8").trim();
  const children = () => readFileSync(`/proc/${master}/task/${master}/children`, "utf8").trim();
  end((await eventually("the edge has workers", children)).split(" "), "KILL");
}

/** `stop` or `start` one of the stack's programs, as people do. */
export function stack(verb, program) {
  execFileSync(process.env.LABYARD_E2E_STACK ?? "deploy/stack.sh", [verb, program], {
    env: { ...process.env, LABYARD_HOME: home },
    stdio: "ignore",
  });
}

/** A port that the stack found for itself. */
const port = (name) => new RegExp(`^${name}_PORT=(\\d+)$`, "m").exec(readFileSync(join(home, "run", "stack.env"), "utf8"))[1];

/** A gauge of the events-gateway, whatever its other labels; no number while it does not answer. */
export async function gauge(name, label = "") {
  const text = await fetch(`http://127.0.0.1:${port("EVENTS_INTERNAL")}/metrics`).then((answer) => answer.text(), () => undefined);
  if (text === undefined) return Number.NaN;
  const lines = text.split("\n").filter((line) => line.startsWith(name) && line.includes(label));
  return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

/** Asks the API as a page's person. */
export async function ask(page, method, path, data) {
  const answer = await page.request.fetch(path, { method, data, headers: { origin: url } });
  if (!answer.ok()) throw new Error(`${method} ${path}: ${answer.status()} ${await answer.text()}`);
  return answer.status() === 204 ? undefined : answer.json();
}

/** Asks until there is an answer, and gives it. */
export async function eventually(what, ask, timeout = PATIENCE) {
  const end = Date.now() + timeout;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`not within ${timeout} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A frame of the page's own stream: it is told of another way than what the page shows, and maybe after it. */
export const frame = (seen, what, is) => eventually(`a frame told of ${what}`, () => seen.frames.find(({ event }) => is(event)));
