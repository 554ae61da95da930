// Owns how a run is told when it is over: what failed, the table of jobs, the closing line. Pure.
import { clock } from "./time.mjs";

const STATES = { passed: "ok", "not run": "not run", stopped: "stopped", interrupted: "stopped" };
const NAME_WIDTH = 12;

/**
 * @typedef {object} Ended
 * @property {string} name
 * @property {import("./schedule.mjs").How} how
 * @property {string} [because]
 * @property {number} seconds
 * @property {number} passed tests
 * @property {number} failed tests
 * @property {string[]} told what failed, in the words of its log
 */

/** How one job ended, or why it never began. */
export function ending({ name, how, because, seconds }) {
  const after = `after ${clock(seconds)} min`;
  const more = because ? ` (${because})` : "";
  return {
    passed: `${name}: passed ${after}`,
    failed: `${name}: FAILED ${after}${more}`,
    hung: `${name}: hung: ${because}; ended ${after}`,
    deadline: `${name}: ended by the deadline ${after}${more}`,
    stopped: `${name}: ended ${after}${more}`,
    interrupted: `${name}: ended ${after}${more}`,
    "not run": `${name}: not run, ${because}`,
  }[how];
}

/** Those that neither passed nor failed by themselves. */
export function leftOut(jobs) {
  return jobs.filter(({ how }) => how !== "passed" && how !== "failed").map(ending);
}

/**
 * @param {Ended[]} jobs in the plan's order
 * @param {number} seconds of them all
 * @param {string} logs
 */
export function summary(jobs, seconds, logs) {
  const width = Math.max(NAME_WIDTH, ...jobs.map(({ name }) => name.length));
  const sum = (key) => jobs.reduce((total, job) => total + job[key], 0);
  return [
    "",
    ...jobs
      .filter(({ told }) => told.length > 0)
      .flatMap(({ name, told }) => [`${name}:`, ...told.map((line) => `  ${line}`)]),
    ...leftOut(jobs),
    ...jobs.map((job) => row(job, width)),
    `${clock(seconds)} min in all; logs: ${logs}`,
    "",
    `${sum("passed")} passed, ${sum("failed")} failed`,
    "",
  ].join("\n");
}

function row({ name, how, seconds, passed, failed }, width) {
  const state = (STATES[how] ?? "FAILED").padEnd(7);
  const tests = `${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed`;
  return `${name.padEnd(width)} ${state} ${tests}  ${clock(seconds).padStart(5)} min`;
}
