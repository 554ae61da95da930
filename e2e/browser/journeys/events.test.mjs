// Streams as browsers have them natively: they come back by themselves where they were, end with the log-out and
// with the time of their token. Those of the pages themselves are in live.test.mjs.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { HANGS, breakConnections, email, enter, eventually, killed, open, signIn, url } from "./stack.mjs";

const OPEN = 1;
const CLOSED = 2;
/** How soon a log-out must be felt: two seconds, and a machine may do other things for long. */
const BITES = 30_000;
const TOKEN_SECS = 60;

/** One person with an organization whose renames are what is heard, and somebody who has but a token of theirs. */
let browser, page, address, organization, stranger, token, tokenFrom;
let renames = 0;

before(async () => {
  address = email("streams");
  ({ browser, page } = await open());
  await enter(page, address);
  const made = await ask("POST", "/api/v1/organizations", { name: "Streams" });
  assert.equal(made.status, 201);
  organization = made.body.id;
  // First of all, so that its minute passes while the rest is done: until it is over nobody breaks a connection.
  tokenFrom = Date.now();
  token = await streamToken();
  const context = await browser.newContext({ baseURL: url });
  stranger = await context.newPage();
  await stranger.goto("/login");
  await listen(stranger, "first", { token });
  await isOpen(stranger, "first");
});

after(() => browser?.close());

/** A request of the person's own page: with its cookie and its origin. */
function ask(method, path, body, from = page) {
  return from.evaluate(
    async ([method, path, body]) => {
      const headers = body ? { "Content-Type": "application/json" } : {};
      const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
      return { status: answer.status, body: await answer.json().catch(() => null) };
    },
    [method, path, body],
  );
}

async function streamToken() {
  const answer = await ask("POST", "/api/v1/auth/stream-token");
  assert.equal(answer.status, 200);
  return answer.body.token;
}

/** Makes so many events, one each. */
async function rename(times) {
  for (let i = 0; i < times; i++) {
    const { status } = await ask("PATCH", `/api/v1/organizations/${organization}`, { name: `Streams ${++renames}` });
    assert.equal(status, 200);
  }
}

/** In the page: a native EventSource under a name, and what it has seen. */
function listen(where, name, query = {}) {
  const search = new URLSearchParams({ type: "organization.changed", ...query });
  return where.evaluate(
    ([name, path]) => {
      const source = new EventSource(path);
      const log = { source, ids: [], opened: 0, errors: 0 };
      source.onopen = () => log.opened++;
      source.onerror = () => log.errors++;
      source.onmessage = ({ lastEventId }) => log.ids.push(lastEventId);
      (window.streams ??= {})[name] = log;
    },
    [name, `/api/v1/events?${search}`],
  );
}

function heard(where, name) {
  return where.evaluate((name) => {
    const { source, ids, opened, errors } = window.streams[name];
    return { ready: source.readyState, ids, opened, errors };
  }, name);
}

function isOpen(where, name) {
  return eventually(`${name} is open`, async () => (await heard(where, name)).ready === OPEN);
}

/** In the page: a native WebSocket that subscribes where it was, each time it may come back. */
function subscribe(where) {
  return where.evaluate((id) => {
    const log = { ids: [], last: undefined, closes: [], subscribed: 0 };
    const connect = () => {
      const socket = new WebSocket(`${location.origin.replace("http", "ws")}/ws`);
      socket.onopen = () => socket.send(JSON.stringify({ type: "subscribe:organization", data: { id, since: log.last } }));
      socket.onmessage = ({ data }) => {
        const message = JSON.parse(data);
        if (message.type === "subscribed") {
          log.subscribed++;
          log.last ??= message.data.cursor;
        }
        if (message.type === "event") {
          log.last = message.cursor;
          log.ids.push(message.cursor);
        }
      };
      socket.onclose = ({ code }) => {
        log.closes.push(code);
        if (code < 4100) setTimeout(connect, 300);
      };
    };
    connect();
    window.socket = log;
  }, organization);
}

const socket = (where) => where.evaluate(() => window.socket);

/** What an EventSource says it has heard last, for each time it asks; as it goes over the wire. */
async function placesAsked(tab) {
  const asked = new Map();
  const cdp = await tab.context().newCDPSession(tab);
  await cdp.send("Network.enable");
  const note = ({ requestId }, what) => asked.set(requestId, { ...asked.get(requestId), ...what });
  cdp.on("Network.requestWillBeSent", (sent) => note(sent, { path: new URL(sent.request.url).pathname }));
  cdp.on("Network.requestWillBeSentExtraInfo", (sent) => note(sent, { place: sent.headers["Last-Event-ID"] ?? null }));
  return () => [...asked.values()].filter(({ path }) => path === "/api/v1/events").map(({ place }) => place);
}

/** Each once and in the log's order. */
function assertOnce(ids, count, what) {
  const positions = ids.map((id) => Number(/^[0-9a-f]{8}-(\d+)$/.exec(id)[1]));
  assert.equal(ids.length, count, `${what}: ${ids}`);
  assert.ok(
    positions.every((position, i) => i === 0 || position > positions[i - 1]),
    `${what}: ${ids}`,
  );
}

async function bothHeard(where, name, count) {
  const told = async () => (await heard(where, name)).ids.length >= count && (await socket(where)).ids.length >= count;
  await eventually(`${count} events on both`, told);
  assertOnce((await heard(where, name)).ids, count, "EventSource");
  assertOnce((await socket(where)).ids, count, "WebSocket");
}

test("a log-out closes the streams of its login, no other, and a browser stops asking", { timeout: HANGS }, async () => {
  const context = await browser.newContext({ baseURL: url });
  const tab = await context.newPage();
  await tab.goto("/login");
  await signIn(tab, address);
  await tab.goto("/docs");
  await listen(tab, "leaving");
  await subscribe(tab);
  await listen(page, "staying");
  await isOpen(tab, "leaving");
  await isOpen(page, "staying");
  await eventually("subscribed", async () => (await socket(tab)).subscribed === 1);
  assert.equal((await ask("DELETE", "/api/v1/auth/session", undefined, tab)).status, 204);
  const felt = async () => (await heard(tab, "leaving")).errors > 0 && (await socket(tab)).closes.length > 0;
  await eventually("both are closed", felt, BITES);
  assert.deepEqual((await socket(tab)).closes, [4100]);
  await eventually("it does not come back", async () => (await heard(tab, "leaving")).ready === CLOSED);
  await rename(1);
  await eventually("the other login hears on", async () => (await heard(page, "staying")).ids.length === 1);
  assert.deepEqual((await heard(tab, "leaving")).ids, []);
  await context.close();
});

test("a stream token opens streams for a minute, keeps none open by itself and is renewed", { timeout: HANGS }, async () => {
  const answered = () =>
    stranger.evaluate(async (token) => {
      const stop = new AbortController();
      const { status } = await fetch(`/api/v1/events?token=${token}`, { signal: stop.signal });
      stop.abort();
      return status;
    }, token);
  const before = (left) => Date.now() - tokenFrom < (TOKEN_SECS - left) * 1000;
  await eventually("its minute is almost over", () => !before(5));
  const status = await answered();
  // An answer that was long under way says nothing.
  if (before(2)) assert.equal(status, 200, "it opens streams as often as one likes, not only one");
  await eventually("its time is up", async () => (await answered()) === 401);

  assert.equal((await heard(stranger, "first")).ready, OPEN, "what is open stays open");
  await eventually("it has heard all", async () => (await heard(stranger, "first")).ids.length >= renames);
  const { ids } = await heard(stranger, "first");
  assertOnce(ids, renames, "by a token");
  await breakConnections();
  await eventually("its return is refused", async () => (await heard(stranger, "first")).ready === CLOSED);
  await rename(1);
  assert.equal((await ask("POST", "/api/v1/auth/stream-token", undefined, stranger)).status, 401, "a token gives no other");
  await listen(stranger, "second", { token: await streamToken(), since: ids.at(-1) });
  await eventually("it goes on", async () => (await heard(stranger, "second")).ids.length >= 1);
  assertOnce([...ids, ...(await heard(stranger, "second")).ids], renames, "by both tokens");
});

test("an EventSource and a WebSocket go on where they were, without a hole or a double", { timeout: HANGS }, async () => {
  const tab = await page.context().newPage();
  const places = await placesAsked(tab);
  await tab.goto("/docs");
  await listen(tab, "native");
  await subscribe(tab);
  await isOpen(tab, "native");
  await eventually("subscribed", async () => (await socket(tab)).subscribed === 1);
  await rename(2);
  await bothHeard(tab, "native", 2);

  // The connection breaks; the next one finds the door open.
  await breakConnections();
  await rename(2);
  await bothHeard(tab, "native", 4);
  const { opened, ids } = await heard(tab, "native");
  assert.equal(opened, 2);
  await eventually("both places are known", () => places().length === 2 && !places().includes(undefined));
  assert.deepEqual(places(), [null, ids[1]], "first from nowhere, then from what it had");

  // Its server dies; what happens meanwhile is not lost.
  const back = killed("events-gateway");
  await rename(2);
  await back;
  await bothHeard(tab, "native", 6);
  assert.equal((await socket(tab)).subscribed, 3);
  await tab.close();
});
