// What the edge tells browsers, and that they keep to it: no foreign or inline script, no frame, no
// guessing of types, no address passed on; https is insisted on only where there is https.
import assert from "node:assert/strict";
import { test } from "node:test";

import { email, enter, eventually, open, url } from "./stack.mjs";

const ALWAYS = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
};

test("every answer carries what keeps browsers safe", { timeout: 30_000 }, async () => {
  const page = await (await fetch(`${url}/dashboard`)).text();
  const asset = /\/assets\/[^"]+\.js/.exec(page)[0];
  assert.ok(!/<script(?![^>]*\ssrc=)/.test(page), "no script stands in the page itself");
  for (const path of ["/", "/dashboard", "/invitation", asset, "/assets/none.js", "/api/v1/auth/me", "/api/v1/none", "/docs/", "/health"]) {
    const { headers } = await fetch(url + path, { redirect: "manual" });
    for (const [name, value] of Object.entries(ALWAYS)) assert.equal(headers.get(name), value, `${name} of ${path}`);
    const policy = headers.get("content-security-policy");
    assert.match(policy, /default-src '(self|none)'/, path);
    assert.match(policy, /frame-ancestors 'none'/, path);
    assert.doesNotMatch(policy, /script-src|unsafe-eval/, path);
    if (!path.startsWith("/docs")) assert.doesNotMatch(policy, /unsafe-inline/, path);
    assert.equal(headers.get("strict-transport-security") !== null, url.startsWith("https:"), path);
    assert.ok(!/\d/.test(headers.get("server") ?? ""), "the server's version is nobody's business");
  }
});

test("the browser refuses inline and foreign scripts, and frames", { timeout: 60_000 }, async () => {
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
