// Owns what a job's log tells of its tests: how many passed and failed, and what failed.
import { StringDecoder } from "node:string_decoder";

import { linesOf, piece } from "./read.mjs";

const TOLD = /panicked at|^error|^not ok|AssertionError|FAIL |✖|^fail|^labyard: /;
const LINES_AFTER = 6;
const TOLD_LINES_MAX = 60;

const number = (text) => Number.parseInt(text, 10) || 0;

/** @returns {{passed: number, failed: number}} of one line of cargo, vitest or node */
function countLine(line) {
  const count = { passed: 0, failed: 0 };
  const rust = line.startsWith("test result:");
  if (rust || /^ +Tests +[0-9]/.test(line)) {
    const words = line.trim().split(/[ \t]+/);
    for (let at = 0; at + 1 < words.length; at++) {
      for (const kind of ["passed", "failed"]) {
        const named = rust ? words[at + 1].startsWith(kind) : words[at + 1] === kind;
        if (named) count[kind] += number(words[at]);
      }
    }
  }
  const node = /^(?:#|ℹ) (pass|fail) ([0-9]+)$/.exec(line);
  if (node) count[node[1] === "pass" ? "passed" : "failed"] += number(node[2]);
  return count;
}

/** The tests named by the closing lines of cargo, vitest and node in a log. */
export async function countTests(log) {
  const sum = { passed: 0, failed: 0 };
  for await (const line of linesOf(log)) {
    const { passed, failed } = countLine(line);
    sum.passed += passed;
    sum.failed += failed;
  }
  return sum;
}

const PASSED = /^test .+ \.\.\. ok$|^ *✔ /;
const LOOK_BYTES_MAX = 1024 * 1024; // what a log got beyond that is read at the next look
const REST_MAX = 4096; // characters of a line that has not ended

/** How many tests have passed, as a step, while a job is still writing its log. */
export class PassedSoFar {
  #at = 0;
  #decoder = new StringDecoder("utf8");
  #rest = "";
  #passed = 0;

  /** @param {string} log read from where the last look ended */
  look(log) {
    const bytes = piece(log, this.#at, LOOK_BYTES_MAX) ?? new Uint8Array();
    this.#at += bytes.length;
    const lines = (this.#rest + this.#decoder.write(bytes)).split("\n");
    this.#rest = lines.pop().slice(0, REST_MAX);
    this.#passed += lines.filter((line) => PASSED.test(line)).length;
    return this.#passed > 0 ? `${this.#passed} passed` : "";
  }
}

/** A job that did not pass has failed in one at least; one without any test counts as one. */
export function countJob(tests, passed) {
  const failed = passed ? tests.failed : Math.max(tests.failed, 1);
  return { passed: tests.passed + failed > 0 ? tests.passed : 1, failed };
}

/** What failed, in the words of cargo, vitest and node: each such line and the few after it. */
export async function retell(log) {
  const told = [];
  let after = 0;
  let gap = false;
  for await (const line of linesOf(log)) {
    if (TOLD.test(line)) {
      if (gap && told.length > 0) told.push("--");
      after = LINES_AFTER + 1;
    }
    gap = after === 0;
    if (after > 0) {
      told.push(line);
      after -= 1;
    }
    if (told.length >= TOLD_LINES_MAX) break;
  }
  return told.slice(0, TOLD_LINES_MAX);
}
