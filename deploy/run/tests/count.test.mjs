// The tests of each kind of log are counted, and its failures told again.
import assert from "node:assert/strict";
import { appendFileSync, writeFileSync } from "node:fs";
import { describe, test } from "node:test";

import { countJob, countTests, PassedSoFar, retell } from "../count.mjs";
import { linesOf, tail } from "../read.mjs";
import { summary } from "../summary.mjs";
import { folder } from "./running.mjs";

const CARGO = `running 2 tests
test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.02s
test result: FAILED. 5 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1s
`;
const VITEST = ` Test Files  1 failed | 3 passed (4)
      Tests  2 failed | 30 passed | 1 skipped (33)
   Duration  2.01s
`;
const NODE = `ok 1 - a
# tests 9
# pass 7
# fail 2
ℹ pass 3
ℹ fail 0
ℹ pass 3 of them
`;

const written = (t, text) => {
  const file = folder(t).at("log");
  writeFileSync(file, text);
  return file;
};

describe("the count", () => {
  for (const [kind, text, passed, failed] of [
    ["cargo", CARGO, 17, 2],
    ["vitest", VITEST, 30, 2],
    ["node", NODE, 10, 2],
    ["all three", CARGO + VITEST + NODE, 57, 6],
    ["nothing", "Compiling serde\n  passed 3\n", 0, 0],
  ]) {
    test(`of a log of ${kind}`, async (t) => {
      assert.deepEqual(await countTests(written(t, text)), { passed, failed });
    });
  }

  test("of a job: a failed one has failed once at least, one without tests is one", () => {
    assert.deepEqual(countJob({ passed: 0, failed: 0 }, true), { passed: 1, failed: 0 });
    assert.deepEqual(countJob({ passed: 0, failed: 0 }, false), { passed: 0, failed: 1 });
    assert.deepEqual(countJob({ passed: 7, failed: 0 }, false), { passed: 7, failed: 1 });
    assert.deepEqual(countJob({ passed: 7, failed: 3 }, false), { passed: 7, failed: 3 });
  });
});

test("tests that have passed are counted while a log grows, a line in two pieces once", (t) => {
  const log = written(t, "running 3 tests\ntest a ... ok\ntest b ... FAILED\ntest c ..");
  const passed = new PassedSoFar();
  assert.equal(passed.look(log), "1 passed");
  assert.equal(passed.look(log), "1 passed");
  appendFileSync(log, Buffer.concat([Buffer.from(". ok\n"), Buffer.from("✔ d\n").subarray(0, 2)]));
  assert.equal(passed.look(log), "2 passed");
  appendFileSync(log, Buffer.from("✔ d\n").subarray(2));
  assert.equal(passed.look(log), "3 passed");
  assert.equal(new PassedSoFar().look(folder(t).at("missing")), "");
});

describe("what failed", () => {
  test("is told with the lines after it, as grep does", async (t) => {
    const lines = Array.from({ length: 30 }, (_, at) => `line ${at}`);
    lines[2] = "thread 'a' panicked at src/lib.rs:1";
    lines[4] = "AssertionError: no";
    lines[20] = "error: could not compile";
    const told = await retell(written(t, lines.join("\n")));
    assert.deepEqual(told, [...lines.slice(2, 11), "--", ...lines.slice(20, 27)]);
  });

  test("is at most 60 lines", async (t) => {
    assert.equal((await retell(written(t, "not ok\n".repeat(500)))).length, 60);
  });
});

test("of a long line only the beginning is read, of a log only the end is shown", async (t) => {
  const file = written(t, `${"x".repeat(300_000)}\nnext\nlast`);
  const lines = [];
  for await (const line of linesOf(file)) lines.push(line);
  assert.deepEqual(lines, ["x".repeat(4096), "next", "last"]);
  assert.deepEqual(tail(file, 2), ["next", "last"]);
  assert.ok(tail(file, 3).join("").length < 70_000);
  assert.deepEqual(tail(`${file}.gone`, 3), []);
});

test("the summary is the failures, the table, the time and the count", () => {
  const job = (name, how, seconds, passed, failed, more = {}) => ({
    name,
    how,
    seconds,
    passed,
    failed,
    told: [],
    ...more,
  });
  const because = "no output and no processor time for 4 min";
  assert.equal(
    summary(
      [
        job("compile", "passed", 760, 1, 0),
        job("tests", "failed", 61, 17, 2, { told: ["error: no"] }),
        job("stack", "hung", 300, 0, 1, { because }),
        job("stories", "not run", 0, 0, 0, { because: "stack hung" }),
      ],
      1121,
      "/logs",
    ),
    `
tests:
  error: no
stack: hung: no output and no processor time for 4 min; ended after 5:00 min
stories: not run, stack hung
compile      ok          1 passed    0 failed  12:40 min
tests        FAILED     17 passed    2 failed   1:01 min
stack        FAILED      0 passed    1 failed   5:00 min
stories      not run     0 passed    0 failed   0:00 min
18:41 min in all; logs: /logs

18 passed, 3 failed
`,
  );
});
