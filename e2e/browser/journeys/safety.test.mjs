// What the edge tells browsers, and that they keep to it: no foreign or inline script, no frame, no
// guessing of types, no address passed on; https is insisted on only where there is https. The session
// goes to the page's own address and to nothing else on this machine.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";

import { request } from "playwright-core";

import { live } from "./journey.mjs";
import { HANGS, email, enter, eventually, home, https, open, password, server, url } from "./stack.mjs";

const ALWAYS = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
};

test("every answer carries what keeps browsers safe", { timeout: HANGS }, async (t) => {
  const http = await request.newContext({ maxRedirects: 0 });
  t.after(() => http.dispose());
  const page = await (await http.get(`${url}/dashboard`)).text();
  const asset = /\/assets\/[^"]+\.js/.exec(page)[0];
  assert.ok(!/<script(?![^>]*\ssrc=)/.test(page), "no script stands in the page itself");
  const paths = ["/", "/dashboard", "/invitation", asset, "/assets/none.js", "/download/labyard", "/api/v1/auth/me", "/api/v1/none", "/docs/", "/health"];
  for (const at of [...paths.map((path) => url + path), `${server}/`]) {
    const headers = (await http.get(at)).headers();
    for (const [name, value] of Object.entries(ALWAYS)) assert.equal(headers[name], value, `${name} of ${at}`);
    const policy = headers["content-security-policy"];
    assert.match(policy, /default-src '(self|none)'/, at);
    assert.match(policy, /frame-ancestors 'none'/, at);
    assert.doesNotMatch(policy, /script-src|unsafe-eval/, at);
    if (!new URL(at).pathname.startsWith("/docs")) assert.doesNotMatch(policy, /unsafe-inline/, at);
    assert.equal("strict-transport-security" in headers, url.startsWith("https:"), at);
    assert.ok(!/\d/.test(headers.server ?? ""), "the server's version is nobody's business");
  }
});

test("the command line is handed out as it is on this machine", { timeout: HANGS }, async () => {
  const answer = await fetch(`${server}/download/labyard`);
  assert.equal(answer.status, 200);
  const sent = Buffer.from(await answer.arrayBuffer());
  assert.ok(sent.equals(readFileSync(join(home, "bin/labyard"))), "every byte of it");
});

test("the browser refuses inline and foreign scripts, and frames", { timeout: HANGS }, async () => {
  const { browser, page, seen } = await open();
  try {
    await enter(page, email("safety"));
    assert.deepEqual(seen.failures, []);
    const ran = await page.evaluate(async () => {
      const broken = [];
      addEventListener("securitypolicyviolation", (event) => broken.push(event.effectiveDirective));
      const inline = document.createElement("script");
      inline.textContent = "window.ran = true";
      const foreign = document.createElement("script");
      foreign.src = "https://scripts.example.org/a.js";
      document.head.append(inline, foreign);
      document.body.insertAdjacentHTML("beforeend", '<img src="/none.png" onerror="window.ran = true">');
      window.broken = broken;
      return window.ran;
    });
    assert.equal(ran, undefined);
    await eventually("each was refused", () => page.evaluate(() => window.broken.length >= 3));
    assert.equal(await page.evaluate(() => window.ran), undefined);
    const framed = await page.evaluate(
      () =>
        new Promise((resolve) => {
          const frame = document.createElement("iframe");
          frame.onload = () => resolve(frame.contentDocument?.getElementById("root") ?? null);
          frame.src = "/login";
          document.body.append(frame);
        }),
    );
    assert.equal(framed, null, "not even the page itself puts it into a frame");
  } finally {
    await browser.close();
  }
});

/** What else may run on this machine, like an app that is forwarded from a lab: sets a cookie and keeps those it is sent. */
async function forwarded(t, cookie) {
  const came = [];
  const app = createServer(({ headers, url: path }, response) => {
    if (path !== "/") return response.writeHead(404).end(); // an icon, asked for at any time
    came.push(headers.cookie ?? "");
    response.writeHead(200, { "content-type": "text/html", "set-cookie": cookie }).end("<title>An app</title>");
  });
  await new Promise((resolve) => app.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    app.close();
    app.closeAllConnections();
  });
  return { came, port: app.address().port };
}

test("what is forwarded to this machine is not handed the session", { timeout: HANGS }, async (t) => {
  const app = await forwarded(t, "of-the-app=1; Path=/");
  const { browser, context, page, seen } = await open();
  try {
    await enter(page, email("forwarded"));
    const [session] = (await context.cookies(url)).filter(({ name }) => name === "labyard");
    assert.ok(session, "the page has a session");
    for (const host of ["localhost", "127.0.0.1"]) {
      const tab = await context.newPage();
      for (let time = 0; time < 2; time++) await tab.goto(`http://${host}:${app.port}/`);
      await tab.close();
    }
    // The browser does send cookies there: the app's own.
    assert.deepEqual(app.came, ["", "of-the-app=1", "", "of-the-app=1"], "no cookie of labyard's");
    await page.reload();
    await page.getByRole("button", { name: /^Account of/ }).waitFor();
    assert.deepEqual(seen.failures, []);
  } finally {
    await browser.close();
  }
});

test("over https a login holds, the page is live, and its session is none of plain http", { timeout: HANGS }, async () => {
  const at = https();
  const { browser, context, page, seen } = await open({ at });
  try {
    await enter(page, email("https"));
    await live(page);
    await page.reload();
    await page.getByRole("button", { name: /^Account of/ }).waitFor();
    await live(page);
    assert.ok(page.url().startsWith(`${at}/`), page.url());
    const sessions = (await context.cookies(at)).filter(({ name }) => name.endsWith("labyard"));
    assert.deepEqual(sessions.map(({ name, secure, httpOnly }) => [name, secure, httpOnly]), [["__Host-labyard", true, true]]);
    assert.equal(await page.getByText("Not secure").count(), 0);
    await page.goto(`https://localhost:${new URL(at).port}/dashboard`);
    assert.ok(page.url().startsWith(`${at}/`), "it stays on https");
    await page.goto(`${url}/dashboard`);
    await page.waitForURL(`${url}/login**`);
    assert.deepEqual(seen.failures, []);
  } finally {
    await browser.close();
  }
});

test("a page asked for at localhost is sent home, and a session from before does not stay there", { timeout: HANGS }, async (t) => {
  const session = await forwarded(t, [
    "labyard=of-before; Path=/; HttpOnly; SameSite=Lax",
    "__Host-labyard=of-before; Path=/; Secure; HttpOnly; SameSite=Lax",
  ]);
  const { browser, context, page } = await open();
  const { port } = new URL(url);
  try {
    for (const host of ["localhost", "127.0.0.1"]) {
      await page.goto(`http://${host}:${session.port}/`);
      const kept = async () => (await context.cookies()).filter(({ domain }) => domain === host).map(({ name }) => name).sort();
      assert.deepEqual(await kept(), ["__Host-labyard", "labyard"], `a session at ${host}`);
      await page.goto(`http://${host}:${port}/login?next=%2Ftasks`);
      assert.equal(page.url(), `${url}/login?next=%2Ftasks`, "path and query are kept");
      assert.deepEqual(await kept(), [], `nothing stays at ${host}`);
    }
  } finally {
    await browser.close();
  }

  // Programs go on as they are; a login by cookie is for the page alone.
  const answer = await fetch(`${server}/api/v1/auth/me`, { redirect: "manual" });
  assert.equal(answer.status, 401, "the API is where it was");
  const asset = await fetch(`${server}/favicon.svg`, { redirect: "manual" });
  assert.equal(asset.status, 200, "a file is no page");
  const who = { email: email("nobody"), password };
  const json = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(who) };
  assert.equal((await fetch(`${server}/api/v1/auth/register`, json)).status, 201);
  const refused = await fetch(`${server}/api/v1/auth/session`, json);
  assert.deepEqual([refused.status, refused.headers.get("set-cookie")], [403, null], "no session lives at localhost");
  assert.equal((await fetch(`${server}/api/v1/auth/token`, json)).status, 200, "a program logs in with a token");
});
