// Owns what /proc tells of a job's processes: which they are, and the processor time they used.
import { closeSync, openSync, readdirSync, readSync } from "node:fs";

export const TICKS_PER_S = 100; // USER_HZ, the same on every Linux that runs labyard

/**
 * @typedef {object} Process
 * @property {number} pid
 * @property {string} name
 * @property {string} state a letter, as in ps
 * @property {number} parent
 * @property {number} group
 * @property {number} session
 * @property {number} own ticks it used itself, all threads together
 * @property {number} reaped ticks of the children it has waited for
 * @property {number} started ticks since boot; with the PID it names a process for good
 */

/** @returns {Process | undefined} of one line of /proc/PID/stat */
export function parseStat(line) {
  // The name may hold spaces and parentheses.
  const open = line.indexOf("(");
  const close = line.lastIndexOf(")");
  if (open < 0 || close < 0) return undefined;
  const fields = line.slice(close + 2).split(" ");
  const number = (at) => Number(fields[at]);
  return {
    pid: Number.parseInt(line, 10),
    name: line.slice(open + 1, close),
    state: fields[0],
    parent: number(1),
    group: number(2),
    session: number(3),
    own: number(11) + number(12),
    reaped: number(13) + number(14),
    started: number(19),
  };
}

const bytes = Buffer.allocUnsafe(1024);

/** @returns {Process[]} all that run now */
export function scan() {
  const found = [];
  for (const pid of readdirSync("/proc")) {
    if (pid.charCodeAt(0) < 48 || pid.charCodeAt(0) > 57) continue;
    try {
      const fd = openSync(`/proc/${pid}/stat`);
      try {
        const parsed = parseStat(bytes.latin1Slice(0, readSync(fd, bytes, 0, bytes.length, 0)));
        if (parsed) found.push(parsed);
      } finally {
        closeSync(fd);
      }
    } catch {
      // It ended meanwhile.
    }
  }
  return found;
}

const identity = ({ pid, started }) => `${pid}:${started}`;

/**
 * The group and session of `leader`, those of `known`, and all who descend from any of them.
 *
 * @param {Process[]} all
 * @param {number} leader
 * @param {Process[]} known
 */
export function membersOf(all, leader, known = []) {
  const roots = new Set(known.map(identity));
  // A child may be started just before its parent is killed: its session is still known.
  const places = new Set([leader, ...known.flatMap(({ group, session }) => [group, session])]);
  places.delete(0); // what another PID namespace hides
  const children = byParent(all);
  const members = new Map();
  const open = all.filter(
    (one) => places.has(one.group) || places.has(one.session) || roots.has(identity(one)),
  );
  for (let one = open.pop(); one; one = open.pop()) {
    if (members.has(one.pid)) continue;
    members.set(one.pid, one);
    open.push(...(children.get(one.pid) ?? []));
  }
  return [...members.values()];
}

function byParent(all) {
  const children = new Map();
  for (const one of all) {
    const siblings = children.get(one.parent);
    if (siblings) siblings.push(one);
    else children.set(one.parent, [one]);
  }
  return children;
}

/** What an ended process leaves until its parent looks at it. */
export const isDead = ({ state }) => state === "Z" || state === "X";

/**
 * The processor time of a job since it began, from one look at its processes after the other.
 *
 * It never shrinks. What an ended process had used was counted while it ran: when its parent
 * receives those ticks, they are not counted again; when nobody does, nothing is missing.
 */
export class Usage {
  #before = new Map();
  #ticks = 0;

  get seconds() {
    return this.#ticks / TICKS_PER_S;
  }

  /** @param {Process[]} members */
  add(members) {
    const now = new Map(members.map((one) => [one.pid, one]));
    const stays = (one) => now.get(one.pid)?.started === one.started;
    const received = new Map();
    for (const one of members) {
      const seen = this.#before.get(one.pid);
      const before = seen?.started === one.started ? seen : { own: 0, reaped: 0 };
      this.#ticks += Math.max(0, one.own - before.own);
      received.set(one.pid, one.reaped - before.reaped);
    }
    for (const gone of this.#before.values()) {
      if (stays(gone)) continue;
      let heir = this.#before.get(gone.parent);
      while (heir && !stays(heir)) heir = this.#before.get(heir.parent);
      if (heir) received.set(heir.pid, received.get(heir.pid) - gone.own - gone.reaped);
    }
    for (const ticks of received.values()) this.#ticks += Math.max(0, ticks);
    this.#before = now;
  }
}
