// Owns which jobs may start now, and which can't run any more. Pure: it starts nothing.

/**
 * @typedef {"passed" | "failed" | "hung" | "deadline" | "stopped" | "interrupted" | "not run"} How
 * @typedef {{how: How, because?: string}} End `because` says why a job was not run
 */

const WORDS = {
  failed: "failed",
  hung: "hung",
  deadline: "was ended by the deadline",
  stopped: "was ended",
  interrupted: "was interrupted",
};

/**
 * The jobs of a lane run one after another in the plan's order, each as soon as its `after` passed too.
 *
 * @param {{name: string, lane: string, after: string[]}[]} jobs
 * @param {{has(name: string): boolean}} running
 * @param {Map<string, End>} ended
 * @returns {{start: string[], skip: {name: string, because: string}[]}}
 */
export function next(jobs, running, ended) {
  const start = [];
  const skip = [];
  const gone = new Map(ended);
  // What a skipped job leaves out may stand before it in the plan.
  for (let found = true; found; ) {
    found = false;
    for (const { name, after } of jobs) {
      if (gone.has(name) || running.has(name)) continue;
      const broken = after.find((one) => gone.has(one) && gone.get(one).how !== "passed");
      if (broken === undefined) continue;
      const { how, because } = gone.get(broken);
      const why = how === "not run" ? because : `${broken} ${WORDS[how]}`; // the first cause
      gone.set(name, { how: "not run", because: why });
      skip.push({ name, because: why });
      found = true;
    }
  }
  const taken = new Set(); // lanes with a job before this one that has not ended
  for (const { name, lane, after } of jobs) {
    if (gone.has(name)) continue;
    const ready = !running.has(name) && after.every((one) => gone.has(one));
    if (ready && !taken.has(lane)) start.push(name);
    taken.add(lane);
  }
  return { start, skip };
}
