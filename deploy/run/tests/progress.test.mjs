// What is shown while jobs run: steps, the estimate, a moving line in a terminal and lines elsewhere.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { describe, test } from "node:test";

import { estimate, speed } from "../estimate.mjs";
import { Output } from "../output.mjs";
import { movingLine, progress, wholeLine } from "../progress.mjs";
import { readStep } from "../step.mjs";
import { clock, left, span } from "../time.mjs";
import { folder } from "./running.mjs";

const running = [
  { name: "compile", step: "210 of 645 crates" },
  { name: "clippy", step: "" },
  { name: "node-image", step: "kubernetes, 2 of 7: 812 of 1893 packages" },
];

describe("the line", () => {
  const now = progress(running, 24 * 60);

  test("tells jobs, steps and the rest", () => {
    assert.equal(
      wholeLine(330.7, now),
      "  330 s  compile: 210 of 645 crates · clippy · node-image: kubernetes, 2 of 7: 812 of 1893 packages · about 24 min left",
    );
  });

  test("invents no rest", () => {
    assert.equal(wholeLine(5, progress([running[1]], undefined)), "    5 s  clippy");
  });

  test("fits a terminal and keeps the rest of the time", () => {
    assert.equal(movingLine(330, now, 200), wholeLine(330, now));
    assert.equal(
      movingLine(330, now, 60),
      "  330 s  compile: 210 of 645 crates · … · about 24 min left",
    );
    for (let columns = 1; columns < 200; columns++) {
      assert.ok([...movingLine(330, now, columns)].length < columns);
    }
  });
});

describe("the output", () => {
  const make = (more) => {
    const written = [];
    let ms = 0;
    const err = { write: (text) => written.push(text), columns: 80, ...more };
    const output = new Output({ out: err, err, now: () => ms, terminal: "xterm" });
    const show = (at) => {
      ms = at * 1000;
      output.show(() => progress([running[0]], 30));
    };
    return { written, output, show };
  };
  const line = (at) =>
    `${String(at).padStart(5)} s  compile: 210 of 645 crates · less than a minute left`;

  test("moves one line in a terminal, once a second, and clears it before others", () => {
    const { written, output, show } = make({ isTTY: true });
    for (const at of [1, 1.5, 2]) show(at);
    output.say("compile: passed after 0:02 min");
    show(2.5);
    output.result("done\n");
    assert.deepEqual(written, [
      `\r\x1b[K${line(1)}`,
      `\r\x1b[K${line(2)}`,
      "\r\x1b[K",
      "    2 s  compile: passed after 0:02 min\n",
      `\r\x1b[K${line(2)}`,
      "\r\x1b[K",
      "done\n",
    ]);
  });

  test("is a line each 30 seconds elsewhere", () => {
    const { written, show } = make({});
    for (let at = 1; at <= 70; at++) show(at);
    assert.deepEqual(written, [`${line(30)}\n`, `${line(60)}\n`]);
  });
});

describe("a step", () => {
  for (const [what, bytes, step] of [
    ["a line", "812 of 1893 packages\n", "812 of 1893 packages"],
    [
      "lines and colors",
      "\x1b[31m210\x1b[0m of\r\n\t645 crates: \x07serde\n\n",
      "210 of 645 crates: serde",
    ],
    ["nothing yet", "", "before"],
    ["bytes of no text", Buffer.from([0xff, 0xfe, 0x00, 0x41, 0x80]), "A"],
    [
      "a character cut in two",
      Buffer.concat([Buffer.alloc(199, "x"), Buffer.from("é")]),
      "x".repeat(199),
    ],
    ["a huge text", "y".repeat(1_000_000), "y".repeat(200)],
    ["marks that turn the text around", "1\u202e of 2\u2028", "1 of 2"],
  ]) {
    test(`may be ${what}`, (t) => {
      const file = folder(t).at("step");
      writeFileSync(file, bytes);
      assert.equal(readStep(file, "before"), step);
    });
  }

  test("may be missing, a folder or something that would wait", (t) => {
    const { path, at } = folder(t);
    assert.equal(readStep(at("step"), "before"), "");
    assert.equal(readStep(path, "before"), "");
    assert.equal(readStep("/dev/zero", "before"), "");
  });
});

describe("the estimate", () => {
  const one = (name, expected, state = "waiting", seconds = 0, more = {}) => ({
    name,
    expected,
    state,
    seconds,
    lane: "main",
    after: [],
    ...more,
  });
  const beside = { lane: "image" };

  for (const [what, jobs, rest] of [
    ["the main jobs one after another", [one("a", 100), one("b", 50)], 150],
    ["a longer job beside them", [one("a", 100), one("i", 400, "running", 10, beside)], 390],
    [
      "what waits for that",
      [
        one("a", 10),
        one("i", 400, "waiting", 0, beside),
        one("b", 50, "waiting", 0, { after: ["i"] }),
      ],
      450,
    ],
    ["less by what a job has run", [one("a", 100, "running", 30), one("b", 50)], 120],
    ["a tenth more of one over its time", [one("a", 100, "running", 500)], 10],
    [
      "none of what is not run",
      [one("a", 100, "running", 30), one("b", 900, "gone"), one("c", 50)],
      120,
    ],
    ["unknown where a job is", [one("a", 100), one("b", undefined)], undefined],
    ["known where such a job has ended", [one("a", 100), one("b", undefined, "gone")], 100],
  ]) {
    test(`holds ${what}`, () => assert.equal(estimate(jobs), rest));
  }

  test("follows how fast the jobs that passed were, within bounds", () => {
    assert.equal(speed([one("a", 540, "passed", 1140)]), 2);
    assert.equal(speed([one("a", 100, "passed", 90_000)]), 4);
    assert.equal(speed([one("a", 90_000, "passed", 1)]), 0.25);
    assert.ok(speed([one("a", 5, "passed", 1)]) > 0.9, "a short job says little");
    assert.equal(estimate([one("a", 540, "passed", 1140), one("b", 100)]), 200);
  });
});

test("durations read as people write them", () => {
  assert.deepEqual([760, 59.9, 3600].map(clock), ["12:40", "0:59", "60:00"]);
  assert.deepEqual([0.8, 240, 270].map(span), ["0.8 s", "4 min", "4:30 min"]);
  assert.deepEqual([0, 59, 60, 1440, 5040].map(left), [
    "less than a minute left",
    "less than a minute left",
    "about 1 min left",
    "about 24 min left",
    "about 1 h 24 min left",
  ]);
});
