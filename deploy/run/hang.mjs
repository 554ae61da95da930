// Owns when a job counts as hung, and what is told of one. The rule is pure; it ends nothing.
import { isDead, TICKS_PER_S } from "./processes.mjs";
import { head, plain } from "./read.mjs";
import { channelOf, waitsOf } from "./waits.mjs";

export const BUSY_SHARE = 0.001; // of the time, as processor time: more is a job at work
const LOOK_SHARE = 0.25; // of idle_s: what a longer gap between two looks counts as at most
const COMMAND_CHARACTERS = 160;
const COMMAND_BYTES = 4096;
const TOLD_MAX = 40;

/**
 * @typedef {object} Look
 * @property {number} at seconds
 * @property {number} log bytes of its log
 * @property {string} step
 * @property {number} used seconds of processor time since it began
 *
 * @typedef {Look & {since: number}} Watch since when there was no sign of life
 */

/**
 * A sign of life is a log that grew, another step, or processor time. Between two looks far apart
 * the runner itself stood still, so that time says little of the job.
 *
 * @param {Watch | undefined} watch what the look before gave
 * @param {Look} look
 * @param {number} idle seconds
 * @returns {Watch & {hung: boolean}}
 */
export function judge(watch, look, idle) {
  const alive =
    watch === undefined ||
    look.log !== watch.log ||
    look.step !== watch.step ||
    look.used - watch.used >= idle * BUSY_SHARE;
  if (alive) return { ...look, since: look.at, hung: false };
  const stood = Math.max(0, look.at - watch.at - idle * LOOK_SHARE);
  const since = watch.since + stood;
  return { ...watch, at: look.at, since, hung: look.at - since >= idle };
}

const STATES = {
  R: "running",
  S: "sleeping",
  D: "waiting for a device",
  T: "stopped",
  t: "stopped by a debugger",
  Z: "ended, its parent doesn't look at it",
};

/**
 * What each process of a job waits for, a few lines each.
 *
 * @param {import("./processes.mjs").Process[]} members
 * @param {import("./processes.mjs").Process[]} all
 */
export function explain(members, all) {
  const uptime = Number.parseFloat(head("/proc/uptime", 100)?.toString() ?? "0");
  const lines = members
    .toSorted(byAge)
    .slice(0, TOLD_MAX)
    .flatMap((one) => {
      const { pid, name, state } = one;
      const age = Math.max(0, uptime - one.started / TICKS_PER_S).toFixed(0);
      const used = ((one.own + one.reaped) / TICKS_PER_S).toFixed(2);
      const command = cut(plain(head(`/proc/${pid}/cmdline`, COMMAND_BYTES)) || `[${name}]`);
      const about = `  PID ${pid}, ${STATES[state] ?? state}, started ${age} s ago, ${used} s of processor time: ${command}`;
      return [about, ...why(one, all)];
    });
  const more = members.length - TOLD_MAX;
  return more > 0 ? [...lines, `  and ${more} more processes`] : lines;
}

const byAge = (one, other) => one.started - other.started || one.pid - other.pid;

function why(one, all) {
  if (isDead(one)) return [];
  const lines = [];
  if (one.state === "T") lines.push("    stopped by a signal; SIGCONT lets it continue");
  const waits = waitsOf(one.pid, all);
  const channel = channelOf(one.pid);
  const where = channel ? ` (in the kernel: ${channel})` : "";
  if (waits.length > 0) lines.push(`    waits for: ${waits.join("; ")}${where}`);
  else if (channel) lines.push(`    waits in the kernel: ${channel}`);
  return lines;
}

function cut(text) {
  const characters = [...text];
  if (characters.length <= COMMAND_CHARACTERS) return text;
  return `${characters.slice(0, COMMAND_CHARACTERS - 1).join("")}…`;
}
