// A job that hangs is ended and told; one that is slow is not touched.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, test } from "node:test";

import { judge } from "../hang.mjs";
import { isDead, scan } from "../processes.mjs";
import { lookEvery } from "../run.mjs";
import { finish, folder, script } from "./running.mjs";

describe("the rule", () => {
  const looks = (idle, list) => {
    let watch;
    return list.some(([at, log, step, used]) => {
      watch = judge(watch, { at, log, step, used }, idle);
      return watch.hung;
    });
  };
  const steady = (change) => Array.from({ length: 31 }, (_, at) => [at * 10, ...change(at)]);

  for (const [what, hung, change] of [
    ["nothing happens", true, () => [5, "a", 3]],
    ["its log grows now and then", false, (at) => [Math.floor(at / 20), "a", 3]],
    ["its step changes now and then", false, (at) => [5, at < 15 ? "1 of 2" : "2 of 2", 3]],
    ["it uses a tenth of a percent", false, (at) => [5, "a", at * 0.011]],
    ["it uses less than that", true, (at) => [5, "a", at * 0.009]],
  ]) {
    test(`${what}: ${hung ? "hung" : "at work"}`, () => {
      assert.equal(looks(240, steady(change)), hung);
    });
  }

  test("the time the runner itself stood still is not held against a job", () => {
    const before = [0, 10, 20].map((at) => [at, 5, "a", 3]);
    assert.equal(looks(240, [...before, [1000, 5, "a", 3]]), false);
    assert.equal(looks(240, [...before, [1000, 5, "a", 3], [1100, 5, "a", 3]]), false);
  });

  test("the processes are looked at no more often than once a second", () => {
    assert.equal(lookEvery(240), 10);
    assert.equal(lookEvery(8), 1);
    assert.equal(lookEvery(3600), 10);
    assert.equal(lookEvery(0.8), 0.1);
  });
});

describe("a job that hangs or is slow", { concurrency: true }, () => {
  describe("a hung job is told with what it waited for", { concurrency: true }, () => {
    const hangs = async (t, text, more = {}) => {
      const where = folder(t);
      execFileSync("mkfifo", [where.at("fifo")]);
      const ended = await finish(where, [script("stuck", text)], { idle_s: 2, ...more });
      assert.equal(ended.code, 1);
      assert.match(ended.err, /stuck: hung: no output and no processor time for 2 s/);
      const log = where.read("logs/stuck.log");
      for (const line of log.split("\n").filter((one) => one.startsWith("  "))) {
        assert.ok(ended.err.includes(line), `on the output: ${line}`);
      }
      return { ...ended, log, where };
    };

    test("a read of a pipe that nobody writes", async (t) => {
      const { log, where } = await hangs(t, "exec 3<>fifo; read -r -u 3 line");
      assert.match(
        log,
        /PID \d+, sleeping, started \d+ s ago, 0\.\d\d s of processor time: bash -c/,
      );
      assert.ok(log.includes(`waits for: read of the pipe ${where.at("fifo")}`), log);
    });

    test("a file that can't be opened, by a child", async (t) => {
      const { log } = await hangs(t, "cat fifo; true");
      assert.match(log, /waits for: open of fifo/);
      assert.match(log, /waits for: child \d+ to end/);
    });

    test("a lock that another process holds", async (t) => {
      const { log, where } = await hangs(
        t,
        "flock lock sleep 60 & while flock -n lock true; do :; done; flock lock true",
      );
      const line = new RegExp(`waits for: lock on the file ${where.at("lock")}, held by PID \\d+`);
      assert.match(log, line);
    });

    test("a signal that stopped it, and it still ends in order", async (t) => {
      const { log } = await hangs(t, "trap 'echo bye; exit 0' TERM; kill -STOP $$; sleep 60", {
        grace_s: 20,
      });
      assert.match(log, /PID \d+, stopped, .*\n +stopped by a signal/);
      assert.match(log, /\nbye\n$/);
    });

    test("a process that went to a session of its own is ended too, even one deaf to SIGTERM", async (t) => {
      const deaf = "trap '' TERM; echo $$ >pid; while :; do sleep 60; done";
      const { where } = await hangs(t, `setsid bash -c "${deaf.replace(/\$/g, "\\$")}" & wait`);
      assert.match(where.read("pid"), /^\d+\n$/);
      const session = Number(where.read("pid"));
      assert.deepEqual(
        scan().filter((one) => one.session === session && !isDead(one)),
        [],
      );
    });
  });

  describe("a slow job is not touched", { concurrency: true }, () => {
    // Its whole time is more than that of a hung one, each pause a small part of it: a pause may grow.
    const passes = async (t, text) => {
      const ended = await finish(folder(t), [script("slow", text)], { idle_s: 3 });
      assert.equal(ended.code, 0, ended.err);
    };

    test("one that prints a line now and then", (t) =>
      passes(t, "for n in {1..9}; do sleep 0.5; echo $n; done"));

    test("one that tells a step now and then", (t) =>
      passes(t, 'for n in {1..9}; do sleep 0.5; echo "$n of 9" >"$LABYARD_STEP_FILE"; done'));

    const busy = "for n in {1..9}; do sleep 0.5; for ((i = 0; i < 15000; i++)); do :; done; done";

    test("one that uses some processor time", (t) => passes(t, busy));

    test("one whose processor time is a grandchild's in another session", (t) =>
      passes(t, `setsid bash -c '${busy}' & wait`));
  });
});
