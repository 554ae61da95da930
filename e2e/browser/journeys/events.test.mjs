// The stream as browsers have it natively: it comes back by itself where it was, ends with the log-out, and with its
// token; ten tabs share one.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { email, enter, eventually, open, pids, signal, stack, url } from "./stack.mjs";

/** In the page: a native EventSource under a name, and what it has seen. */
function listen(page, name, path = "/api/v1/events") {
  return page.evaluate(
    ([name, path]) => {
      const source = new EventSource(path);
      const log = { source, ids: [], versions: [], opened: 0, errors: 0 };
      source.onopen = () => log.opened++;
      source.onerror = () => log.errors++;
      source.onmessage = ({ data, lastEventId }) => {
        log.ids.push(lastEventId);
        log.versions.push(JSON.parse(data).type);
      };
      (window.streams ??= {})[name] = log;
    },
    [name, path],
  );
}

function state(page, name) {
  return page.evaluate((name) => {
    const { source, ids, versions, opened, errors } = window.streams[name];
    return { ready: source.readyState, ids, types: versions, opened, errors };
  }, name);
}

/** A request of the page itself: with its cookie and its origin. */
function ask(page, method, path, body) {
  return page.evaluate(
    async ([method, path, body]) => {
      const answer = await fetch(path, {
        method,
        headers: body ? { "Content-Type": "application/json" } : {},
        body: body && JSON.stringify(body),
      });
      return { status: answer.status, body: answer.status === 204 ? null : await answer.json().catch(() => null) };
    },
    [method, path, body],
  );
}

const OPEN = 1;
const CLOSED = 2;

function opened(page, name) {
  return eventually(`${name} is open`, async () => (await state(page, name)).ready === OPEN);
}

test("a native EventSource comes back where it was, and misses nothing meanwhile", { timeout: 180_000 }, async () => {
  const { browser, page } = await open();
  try {
    await enter(page, email("stream"));
    const resumed = [];
    page.on("request", async (request) => {
      if (!request.url().endsWith("/api/v1/events?native")) return;
      resumed.push((await request.allHeaders())["last-event-id"] ?? null);
    });
    await listen(page, "native", "/api/v1/events?native");
    await opened(page, "native");
    const made = await ask(page, "POST", "/api/v1/clusters", { name: "streamed" });
    assert.equal(made.status, 202);
    await eventually("the create's events", async () => (await state(page, "native")).types.includes("cluster.created"));
    stack("stop", "events-gateway");
    const gone = await ask(page, "DELETE", `/api/v1/clusters/${made.body.cluster.id}`);
    assert.equal(gone.status, 202);
    stack("start", "events-gateway");
    await eventually("it is open again", async () => (await state(page, "native")).opened >= 2, 60_000);
    const told = async () => {
      const timeline = await ask(page, "GET", `/api/v1/timeline?cluster_id=${made.body.cluster.id}&limit=200`);
      return timeline.body.items.map(({ type }) => type).reverse();
    };
    const isDeleted = async () => (await ask(page, "GET", `/api/v1/clusters/${made.body.cluster.id}`)).body.status === "DELETED";
    await eventually("it is deleted", isDeleted, 90_000);
    await eventually("all that happened, once and in order", async () => {
      const { types } = await state(page, "native");
      return JSON.stringify(types) === JSON.stringify(await told());
    });
    const { ids } = await state(page, "native");
    assert.equal(new Set(ids).size, ids.length, "no event came twice");
    assert.equal(resumed[0], null, "the first attempt named no place");
    assert.ok(
      resumed.slice(1).every((id) => /^[0-9a-f]{8}-\d+$/.test(id)),
      `each return named its place: ${resumed}`,
    );
  } finally {
    await browser.close();
  }
});

test("a log-out closes the streams of its session, and a browser stops asking", { timeout: 60_000 }, async () => {
  const { browser, context, page } = await open();
  try {
    await enter(page, email("leaver"));
    const other = await context.newPage();
    await other.goto("/docs");
    await listen(other, "other");
    await opened(other, "other");
    assert.equal((await ask(page, "DELETE", "/api/v1/auth/session")).status, 204);
    await eventually("closed for good", async () => (await state(other, "other")).ready === CLOSED);
  } finally {
    await browser.close();
  }
});

test("a stream token opens streams until it runs out; then another is needed", { timeout: 180_000 }, async () => {
  const { browser, page } = await open();
  const stranger = await open();
  try {
    await enter(page, email("token"));
    await stranger.page.goto("/login");
    const token = async () => {
      const answer = await ask(page, "POST", "/api/v1/auth/stream-token");
      assert.ok(answer.status < 300, `a stream token: ${answer.status}`);
      return answer.body.token;
    };
    const first = `/api/v1/events?token=${await token()}`;
    const began = Date.now();
    await listen(stranger.page, "first", first);
    await opened(stranger.page, "first");
    const late = async () => {
      const status = await stranger.page.evaluate((path) => fetch(path).then((answer) => (answer.body.cancel(), answer.status)), first);
      assert.ok(status === 200 || Date.now() - began > 55_000, "it is good for its minute");
      return status === 401;
    };
    await eventually("the token runs out", late, 90_000);
    assert.equal((await state(stranger.page, "first")).ready, OPEN, "what is open stays open");
    signal("events-gateway", "KILL");
    await eventually("the return is refused", async () => (await state(stranger.page, "first")).ready === CLOSED);
    await eventually("it is back", async () => pids("events-gateway").length > 0);
    const last = (await state(stranger.page, "first")).ids.at(-1);
    const since = last ? `&since=${last}` : "";
    await listen(stranger.page, "second", `/api/v1/events?token=${await token()}${since}`);
    await opened(stranger.page, "second");
  } finally {
    await stranger.browser.close();
    await browser.close();
  }
});

test("ten tabs share one stream", { timeout: 120_000 }, async () => {
  const { browser } = await open();
  try {
    // As people have it: with a SharedWorker.
    const context = await browser.newContext({ baseURL: url });
    const page = await context.newPage();
    await eventually("nobody else's stream is left", async () => (await streams()) === 0);
    await enter(page, email("tabs"));
    await eventually("the first tab's stream", async () => (await streams()) === 1);
    const tabs = [page];
    while (tabs.length < 10) {
      const tab = await context.newPage();
      await tab.goto("/dashboard");
      await tab.getByRole("button", { name: "New cluster" }).first().waitFor();
      tabs.push(tab);
    }
    assert.equal(await streams(), 1, "one for all of them");
  } finally {
    await browser.close();
  }
});

/** Streams that stand at the stack's events-gateway. */
async function streams() {
  const settings = readFileSync(join(process.env.LABYARD_E2E_HOME ?? ".labyard", "run/stack.env"), "utf8");
  const port = /^EVENTS_INTERNAL_PORT=(\d+)$/m.exec(settings)[1];
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(/^labyard_streams\{transport="sse"\} (\d+)/m.exec(text)?.[1] ?? 0);
}
