// Whole runs: order, failures, the deadline, interruption, the history, and what is told of them.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { describe, test } from "node:test";

import { readHistory } from "../history.mjs";
import { parsePlan } from "../plan.mjs";
import { Run } from "../run.mjs";
import { eventually, finish, folder, runs, script, start } from "./running.mjs";

const lastLine = (text) => text.trimEnd().split("\n").at(-1);

describe("a run", { concurrency: true }, () => {
  test("runs the jobs of a lane in order, and lanes beside each other", async (t) => {
    const where = folder(t);
    const jobs = [
      script("first", "echo first >>order"),
      script("image", "until [ -e second ]; do sleep 0.02; done", {
        lane: "image",
        after: ["first"],
      }),
      script("second", "echo second >>order; touch second"),
      script("third", "echo third >>order", { after: ["image"] }),
    ];
    const { code, out, err } = await finish(where, jobs, { count_tests: true });
    assert.equal(code, 0, err);
    assert.equal(where.read("order"), "first\nsecond\nthird\n");
    assert.match(out, /^first {8}ok {10}1 passed {4}0 failed {3}0:\d\d min$/m);
    assert.match(out, /^0:\d\d min in all; logs: .*\/logs\n\n4 passed, 0 failed\n$/m);
    assert.match(err, /^ +\d+ s {2}image: begins$/m);
    assert.match(err, /^ +\d+ s {2}third: passed after 0:\d\d min$/m);
  });

  test("of a failed job goes on without those that need it", async (t) => {
    const where = folder(t);
    const jobs = [
      script("stack", "echo 'error: no room'; exit 3"),
      script("stories", "touch stories", { after: ["stack"] }),
      script("logs", "touch logs-ran", { after: ["stories"] }),
      script("end", "touch end"),
    ];
    const { code, out, err } = await finish(where, jobs, { count_tests: true });
    assert.equal(code, 1);
    assert.deepEqual(
      [where.has("stories"), where.has("logs-ran"), where.has("end")],
      [false, false, true],
    );
    assert.match(err, /stack: FAILED after 0:\d\d min \(exit code 3\)/);
    assert.match(err, /--- the end of .*stack\.log ---\nerror: no room\n---/);
    assert.match(out, /^stack:\n {2}error: no room$/m);
    assert.match(out, /^stories: not run, stack failed\nlogs: not run, stack failed$/m);
    assert.match(out, /^stories +not run +0 passed +0 failed/m);
    assert.equal(lastLine(out), "1 passed, 1 failed");
  });

  test("that stops at a failure ends the others at once", async (t) => {
    const where = folder(t);
    const jobs = [
      script("page", "touch begun; sleep 60", { lane: "page" }),
      script("services", "until [ -e begun ]; do sleep 0.02; done; seq 30; exit 1"),
      script("later", "touch later"),
    ];
    const { code, out, err } = await finish(where, jobs, { stop_at_failure: true });
    assert.equal(code, 1);
    assert.equal(out, "");
    assert.match(err, /services\.log ---\n11\n12\n(\d+\n)*30\n---/);
    assert.match(err, /the whole log is .*\/logs\/services\.log/);
    assert.match(err, /page: ended after 0:\d\d min \(services failed\)/);
    assert.match(err, /later: not run, services failed/);
    assert.equal(where.has("later"), false);
  });

  test("tells what its deadline ended and what was never run", async (t) => {
    const jobs = [script("quick", "true"), script("long", "sleep 60"), script("never", "true")];
    const { code, out, err } = await finish(folder(t), jobs, {
      deadline_s: 5,
      count_tests: true,
    });
    assert.equal(code, 1);
    assert.match(err, /the deadline of 5 s was reached/);
    assert.match(out, /^long: ended by the deadline after 0:\d\d min/m);
    assert.match(out, /^never: not run, the deadline of 5 s was reached$/m);
    assert.match(out, /^long +FAILED +0 passed +1 failed/m);
    assert.equal(lastLine(out), "1 passed, 2 failed");
  });

  test("says which program could not be started", async (t) => {
    const where = folder(t);
    const { code, err } = await finish(where, [{ name: "gone", command: ["./nothing"] }]);
    assert.equal(code, 1);
    assert.match(err, /gone: FAILED/);
    assert.match(where.read("logs/gone.log"), /could not be started: .*ENOENT/);
  });

  test("gives jobs an empty input, their environment and no stale log or step", async (t) => {
    const where = folder(t);
    mkdirSync(where.at("logs"));
    writeFileSync(where.at("logs/job.log"), "test result: FAILED. 0 passed; 9 failed\n");
    writeFileSync(where.at("logs/job.step"), "9 of 9");
    const text =
      'cat; [ ! -e "$LABYARD_STEP_FILE" ] && echo "$LABYARD_STEP_FILE $OWN"; echo bad >&2';
    const { code } = await finish(where, [script("job", text, { env: { OWN: "own" } })], {
      count_tests: true,
    });
    assert.equal(code, 0);
    assert.equal(where.read("logs/job.log"), `${where.at("logs/job.step")} own\nbad\n`);
  });

  test("is red when a log tells of a failed test, whatever its exit code", async (t) => {
    const jobs = [script("tests", "echo 'test result: FAILED. 3 passed; 2 failed; 0 ignored'")];
    const { code, out } = await finish(folder(t), jobs, { count_tests: true });
    assert.equal(code, 1);
    assert.equal(lastLine(out), "3 passed, 2 failed");
  });

  test("leaves running what a job that passed has put into a session of its own", async (t) => {
    const where = folder(t);
    const jobs = [
      script(
        "stack",
        "setsid bash -c 'touch away; exec sleep 60' & echo $! >pid; until [ -e away ]; do sleep 0.02; done",
      ),
    ];
    const { code } = await finish(where, jobs);
    assert.equal(code, 0);
    assert.equal(runs(where.read("pid")), true);
    process.kill(Number(where.read("pid")));
  });
});

describe("an interrupted run", { concurrency: true }, () => {
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    test(`ends all jobs on ${name}`, async (t) => {
      const where = folder(t);
      const run = start(where, [
        script("long", "echo $$ >pid; sleep 60 & wait"),
        script("later", "true"),
      ]);
      await eventually("the job runs", () => where.has("pid") && where.read("pid") !== "");
      run.signal(name);
      const { code, err } = await run.ended;
      assert.equal(code, 130);
      assert.match(err, /interrupted: ending long/);
      assert.equal(runs(where.read("pid")), false);
    });
  }

  test("kills at once on a second signal", async (t) => {
    const where = folder(t);
    const deaf = "trap '' TERM; echo $$ >pid; while :; do sleep 0.1; done";
    const run = start(where, [script("deaf", deaf)], { grace_s: 60 });
    await eventually("the job runs", () => where.has("pid") && where.read("pid") !== "");
    run.signal("SIGINT");
    const again = setInterval(() => run.signal("SIGINT"), 100);
    const { code } = await run.ended;
    clearInterval(again);
    assert.equal(code, 130);
    assert.equal(runs(where.read("pid")), false);
  });
});

test("the history keeps what passed, and the next run expects it", async (t) => {
  const where = folder(t);
  writeFileSync(where.at("durations.json"), '{"test": {"job"');
  const { code } = await finish(where, [script("job", "true"), script("bad", "exit 1")]);
  assert.equal(code, 1);
  const history = readHistory(where.at("durations.json"), "test");
  assert.deepEqual([...history.keys()], ["job"]);
  const plan = { title: "test", cwd: where.path, logs: where.at("logs"), idle_s: 60 };
  const again = { ...plan, history: where.at("durations.json"), jobs: [script("job", "true")] };
  assert.equal(new Run(parsePlan(again), {}).expected.get("job"), history.get("job"));
});

describe("the program", { concurrency: true }, () => {
  test("refuses a plan that is wrong with the reason", async (t) => {
    const { code, err } = await start(folder(t), [{ name: "job", comand: ["true"] }]).ended;
    assert.equal(code, 2);
    assert.equal(err, "labyard: job job has an unknown field: comand\n");
  });

  test("exits as the run ended, and writes the summary to its output alone", async (t) => {
    const jobs = [script("good", "true"), script("bad", "false")];
    const { code, out, err } = await start(folder(t), jobs, { count_tests: true }).ended;
    assert.equal(code, 1);
    assert.equal(lastLine(out), "1 passed, 1 failed");
    assert.ok(!err.includes("in all; logs:"));
  });
});
