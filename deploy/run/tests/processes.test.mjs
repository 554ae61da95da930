// Which processes are a job's, and how their processor time is added up.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { membersOf, parseStat, scan, Usage } from "../processes.mjs";

const process_ = (pid, parent, more = {}) => ({
  pid,
  parent,
  name: "p",
  state: "S",
  group: pid,
  session: pid,
  own: 0,
  reaped: 0,
  started: pid,
  ...more,
});

test("a line of /proc/PID/stat is read whatever the program is called", () => {
  const rest = "S 7 8 9 0 -1 4194560 100 0 0 0 11 22 33 44 20 0 1 0 5555 1000 10";
  const found = parseStat(`42 (a) b (c) ${rest}`);
  assert.deepEqual(found, {
    pid: 42,
    name: "a) b (c",
    state: "S",
    parent: 7,
    group: 8,
    session: 9,
    own: 33,
    reaped: 77,
    started: 5555,
  });
  assert.equal(parseStat(""), undefined);
});

test("this process is found among all", () => {
  const own = scan().find(({ pid }) => pid === process.pid);
  assert.equal(own.parent, process.ppid);
  assert.ok(own.own > 0);
});

describe("a job's processes", () => {
  const pids = (...found) =>
    membersOf(...found)
      .map(({ pid }) => pid)
      .sort((a, b) => a - b);

  test("are its group, its session and all who descend from them", () => {
    const all = [
      process_(1, 0),
      process_(10, 1),
      process_(11, 10, { group: 10, session: 10 }),
      process_(12, 11), // in a session of its own
      process_(13, 12, { group: 12, session: 12 }),
      process_(14, 1, { group: 14, session: 10 }), // its parent has ended
      process_(15, 1),
    ];
    assert.deepEqual(pids(all, 10), [10, 11, 12, 13, 14]);
  });

  test("are those in a session known before, whoever started them", () => {
    const known = [process_(30, 10), process_(31, 30, { group: 30, session: 30 })];
    const all = [process_(32, 1, { group: 30, session: 30 }), process_(33, 1)];
    assert.deepEqual(pids(all, 10, known), [32]);
  });

  test("are those known before too, but not who got the PID of one", () => {
    const known = [process_(20, 10), process_(21, 10)];
    const all = [
      process_(20, 1),
      process_(21, 1, { started: 99, group: 5, session: 5 }),
      process_(22, 20),
    ];
    assert.deepEqual(pids(all, 10, known), [20, 22]);
  });
});

describe("the processor time", () => {
  const used = (...looks) => {
    const usage = new Usage();
    return looks.map((look) => {
      usage.add(look);
      return Math.round(usage.seconds * 100);
    });
  };
  const parent = (own, reaped) => process_(10, 1, { own, reaped });
  const child = (own, pid = 11, from = 10) => process_(pid, from, { own });

  for (const [what, looks, ticks] of [
    [
      "grows with each process",
      [
        [parent(1, 0), child(2)],
        [parent(2, 0), child(5)],
      ],
      [3, 7],
    ],
    [
      "doesn't count again what a parent receives",
      [[parent(1, 0), child(50)], [parent(1, 60)], [parent(1, 60)]],
      [51, 61, 61],
    ],
    [
      "doesn't shrink when nobody receives it",
      [[parent(1, 0), child(50)], [parent(2, 0)]],
      [51, 52],
    ],
    [
      "sees the work of children that come and go unreceived",
      [
        [parent(0, 0), child(50, 11)],
        [parent(0, 0), child(50, 12)],
        [parent(0, 0), child(50, 13)],
      ],
      [50, 100, 150],
    ],
    [
      "follows a family that has ended to who is left",
      [[parent(0, 0), child(5, 11), child(40, 12, 11)], [parent(0, 47)]],
      [45, 47],
    ],
    [
      "sees a child that lived between two looks",
      [[parent(0, 0)], [parent(0, 9)], [parent(0, 9)]],
      [0, 9, 9],
    ],
    [
      "takes another process of the same PID for another",
      [
        [parent(0, 0), child(50)],
        [parent(0, 50), process_(11, 10, { own: 3, started: 99 })],
      ],
      [50, 53],
    ],
  ]) {
    test(what, () => assert.deepEqual(used(...looks), ticks));
  }
});
