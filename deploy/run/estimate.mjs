// Owns how long the rest may take, from what jobs took before. Pure.

// A few short jobs say little of the speed of the rest.
const STEADY_S = 60;
const FACTOR_MIN = 0.25;
const FACTOR_MAX = 4;
const MORE = 0.1; // of its expectation, for a job that is over it

/**
 * @typedef {object} Standing
 * @property {string} name
 * @property {string} lane
 * @property {string[]} after
 * @property {number} [expected] seconds
 * @property {"waiting" | "running" | "passed" | "gone"} state gone: it takes no more time
 * @property {number} [seconds] since it began, or what it took
 */

/** How this run compares with what was expected, by the jobs that passed. */
export function speed(jobs) {
  const known = jobs.filter(({ state, expected }) => state === "passed" && expected !== undefined);
  const sum = (key) => known.reduce((total, job) => total + job[key], STEADY_S);
  return Math.min(FACTOR_MAX, Math.max(FACTOR_MIN, sum("seconds") / sum("expected")));
}

function rest({ state, expected, seconds }, factor) {
  if (state === "passed" || state === "gone") return 0;
  const whole = expected * factor;
  return state === "waiting" ? whole : Math.max(whole - seconds, whole * MORE);
}

/**
 * Seconds until the last job of the last lane ends.
 *
 * @param {Standing[]} jobs in the plan's order
 * @returns {number | undefined} undefined when nothing is known of a job that is still to end
 */
export function estimate(jobs) {
  const open = jobs.filter(({ state }) => state === "waiting" || state === "running");
  if (open.some(({ expected }) => expected === undefined)) return undefined;
  const factor = speed(jobs);
  const byName = new Map(jobs.map((job) => [job.name, job]));
  const before = new Map(); // the job before each in its lane
  const last = new Map();
  for (const job of jobs) {
    before.set(job.name, last.get(job.lane));
    last.set(job.lane, job);
  }
  const ends = new Map();
  const endOf = (job) => {
    if (!ends.has(job.name)) {
      const first = [...job.after.map((name) => byName.get(name)), before.get(job.name)];
      const start = Math.max(0, ...first.filter(Boolean).map(endOf));
      ends.set(job.name, start + rest(job, factor));
    }
    return ends.get(job.name);
  };
  return Math.max(0, ...jobs.map(endOf));
}
