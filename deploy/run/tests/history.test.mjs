// The file of durations is used, replaced at once, and may be anything.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { describe, test } from "node:test";

import { readHistory, remember } from "../history.mjs";
import { folder } from "./running.mjs";

const OTHER = '{"other": {"job": 7}, "test": {"job": "soon", "bad": -1, "good": 5}}';

describe("the history", () => {
  for (const [what, before, known, others] of [
    ["missing", undefined, [], {}],
    ["half-written", '{"test": {"job"', [], {}],
    ["something else", '[{"test": 3}, null]', [], {}],
    ["of other plans too", OTHER, [["good", 5]], { other: { job: 7 } }],
    ["huge", `{"test": {"job": 7}}${" ".repeat(2_000_000)}x`, [], {}],
  ]) {
    test(`may be ${what}`, (t) => {
      const where = folder(t);
      const file = where.at("durations.json");
      if (before) writeFileSync(file, before);
      if (what !== "huge") assert.deepEqual([...readHistory(file, "test")], known);
      remember(file, "test", "job", 12.34);
      const { test: own, ...rest } = JSON.parse(where.read("durations.json"));
      assert.deepEqual(own, { ...Object.fromEntries(known), job: 12.3 });
      assert.deepEqual(rest, others);
      assert.deepEqual(readdirSync(where.path), ["durations.json"]);
    });
  }

  test("is made with its folder, and leaves nothing where it can't be written", (t) => {
    const where = folder(t);
    remember(where.at("new/durations.json"), "test", "job", 3);
    assert.deepEqual([...readHistory(where.at("new/durations.json"), "test")], [["job", 3]]);
    mkdirSync(where.at("taken"));
    assert.throws(() => remember(where.at("taken"), "test", "job", 3));
    assert.deepEqual(readdirSync(where.path).sort(), ["new", "taken"]);
    assert.equal(readHistory(undefined, "test").size, 0);
  });
});
