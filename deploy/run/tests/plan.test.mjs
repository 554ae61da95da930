// What a plan may hold, and in what order its jobs start.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { parsePlan } from "../plan.mjs";
import { next } from "../schedule.mjs";

const job = (name, more = {}) => ({ name, command: ["true"], ...more });
const plan = (jobs, more = {}) => ({ title: "t", cwd: "/", logs: "/l", idle_s: 9, ...more, jobs });

describe("a wrong plan is told", () => {
  for (const [value, message] of [
    [[], /^the plan must be an object$/],
    [plan([]), /jobs must be a list of at least one job/],
    [{ title: "t" }, /^the plan lacks cwd$/],
    [plan([job("a")], { idle_s: 0 }), /idle_s must be a number of seconds above 0/],
    [plan([job("a")], { idle: 3 }), /unknown field: idle$/],
    [plan([job("../a")]), /name must be letters/],
    [plan([job("a"), job("a")]), /^two jobs are named a$/],
    [plan([job("a", { command: [] })]), /^job a: command must be a list of texts/],
    [plan([job("a", { env: { X: 1 } })]), /^job a: env must be an object of texts$/],
    [plan([job("a", { after: ["b"] })]), /^job a: after names b, which is no job of the plan$/],
    [plan([job("a", { after: ["b"] }), job("b")]), /^these jobs wait for each other: a, b$/],
    [plan([job("a", { lane: "a", after: ["a"] })]), /wait for each other: a$/],
    [plan([null]), /^job 1 must be an object$/],
  ]) {
    test(String(message), () => assert.throws(() => parsePlan(value), { message }));
  }
});

test("what a plan leaves out has its usual value", () => {
  const { jobs, ...rest } = parsePlan(plan([job("a")]));
  assert.deepEqual(jobs, [job("a", { lane: "main", after: [], env: {} })]);
  assert.deepEqual([rest.grace_s, rest.stop_at_failure, rest.count_tests], [20, false, false]);
});

describe("what may start", () => {
  const { jobs } = parsePlan(
    plan([
      job("image", { lane: "image", after: ["install"] }),
      job("install"),
      job("compile"),
      job("tests", { after: ["image"] }),
      job("end"),
    ]),
  );
  const ask = (running, ended) => next(jobs, new Set(running), new Map(Object.entries(ended)));
  const [passed, failed, hung] = ["passed", "failed", "hung"].map((how) => ({ how }));

  for (const [what, running, ended, start, skip = []] of [
    ["the first main job", [], {}, ["install"]],
    ["nothing more while it runs", ["install"], {}, []],
    ["the next one, and what is beside it", [], { install: passed }, ["image", "compile"]],
    ["nothing before what a main job needs", ["image"], { install: passed, compile: passed }, []],
    [
      "what comes after a failure",
      [],
      { install: passed, image: passed, compile: failed },
      ["tests"],
    ],
    [
      "what needs none of what failed",
      [],
      { install: { how: "failed", because: "exit code 3" }, compile: passed },
      ["end"],
      ["image: install failed", "tests: install failed"],
    ],
    [
      "what needs none of what hung",
      ["compile"],
      { install: passed, image: hung },
      [],
      ["tests: image hung"],
    ],
  ]) {
    test(what, () => {
      const found = ask(running, ended);
      assert.deepEqual(found.start, start);
      assert.deepEqual(
        found.skip.map(({ name, because }) => `${name}: ${because}`),
        skip,
      );
    });
  }
});
