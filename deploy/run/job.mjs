// Owns one running job: its start in a session of its own, and its end with everything it started.
import { spawn } from "node:child_process";
import { appendFileSync, closeSync, openSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { PassedSoFar } from "./count.mjs";
import { isDead, membersOf, scan, Usage } from "./processes.mjs";
import { readStep } from "./step.mjs";

const PAUSE_FIRST_MS = 50;
const PAUSE_MAX_MS = 1000;
const UNKILLABLE_MS = 5000; // a process that SIGKILL doesn't end by then is left

export const logOf = (logs, name) => join(logs, `${name}.log`);
const stepOf = (logs, name) => join(logs, `${name}.step`);

/** Nothing of an earlier run is taken for this one's. */
export function forget(logs, name) {
  for (const file of [logOf(logs, name), stepOf(logs, name)]) rmSync(file, { force: true });
}

export class Job {
  /** @type {number | undefined} also its group's and session's */
  pid;
  /** @type {{code: number | null, signal: string | null} | undefined} how its first process ended */
  exit;
  /** @type {import("./schedule.mjs").How | undefined} why it is being ended early */
  verdict;
  /** @type {string | undefined} more of that */
  because;
  step = "";
  /** What it said itself when it was last asked. */
  #said = "";
  /** @type {PassedSoFar | undefined} for a job with tests */
  #passed;
  usage = new Usage();
  /** @type {import("./hang.mjs").Watch | undefined} */
  watch;

  /**
   * @param {import("./plan.mjs").Spec} spec
   * @param {import("./plan.mjs").Plan} plan
   * @param {() => void} changed called when it has ended
   */
  constructor(spec, { cwd, logs, grace_s, count_tests }, changed) {
    this.name = spec.name;
    this.began = performance.now();
    this.log = logOf(logs, spec.name);
    this.stepFile = stepOf(logs, spec.name);
    this.graceMs = grace_s * 1000;
    this.changed = changed;
    if (count_tests) this.#passed = new PassedSoFar();
    this.#start(spec, cwd);
  }

  #start({ command: [program, ...args], env }, cwd) {
    const output = openSync(this.log, "a");
    const failed = (error) => {
      if (this.pid !== undefined) return; // it runs: its end comes as any other
      this.write([`labyard: could not be started: ${error.message}`]);
      this.#over({ code: null, signal: null });
    };
    try {
      const child = spawn(program, args, {
        cwd,
        env: { ...process.env, ...env, LABYARD_STEP_FILE: this.stepFile },
        detached: true,
        stdio: ["ignore", output, output],
      });
      this.pid = child.pid;
      child.on("error", failed);
      child.on("exit", (code, signal) => this.#over({ code, signal }));
    } catch (error) {
      failed(error);
    } finally {
      closeSync(output);
    }
  }

  /** Whether nothing of it is to be waited for. */
  get done() {
    return this.exit !== undefined && !this.ending;
  }

  get seconds() {
    return (performance.now() - this.began) / 1000;
  }

  /** Reads its step, or else its tests so far, and how large its log is. */
  look() {
    this.#said = readStep(this.stepFile, this.#said);
    const passed = this.#passed?.look(this.log) ?? "";
    this.step = this.#said || passed;
    return { at: performance.now() / 1000, log: sizeOf(this.log), step: this.step };
  }

  /** Lines of the runner's in the job's log. */
  write(lines) {
    try {
      appendFileSync(this.log, `${lines.join("\n")}\n`);
    } catch {
      // A full disk is told by what the job itself says.
    }
  }

  /**
   * Ends it early: SIGTERM to its group, SIGKILL to all that is left after the plan's grace.
   *
   * @param {import("./schedule.mjs").How} verdict
   * @param {string} because
   * @param {AbortSignal} hurry leaves out the grace
   */
  end(verdict, because, hurry) {
    if (this.verdict || this.exit) return;
    this.verdict = verdict;
    this.because = because;
    if (this.pid === undefined) return;
    this.ending = true;
    endTree(this.pid, this.graceMs, hurry).then((left) => {
      if (left.length > 0) this.write([`labyard: could not be ended: PID ${left.join(", ")}`]);
      this.ending = false;
      this.#over({ code: null, signal: null });
    });
  }

  /** At once, when the runner itself ends: no time to look at /proc twice. */
  kill() {
    if (this.pid === undefined || (this.exit && !this.ending)) return;
    killEach(membersOf(scan(), this.pid));
  }

  #over(exit) {
    this.exit ??= exit;
    this.changed();
  }
}

function sizeOf(file) {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}

function send(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended, or belongs to someone else.
  }
}

/** Stopped first: none can answer the end of another with a new one. */
function killEach(processes) {
  for (const signal of ["SIGSTOP", "SIGKILL"]) {
    for (const { pid } of processes) send(pid, signal);
  }
}

/** @returns {Promise<number[]>} the PIDs that nothing could end */
async function endTree(leader, graceMs, hurry) {
  const began = performance.now();
  const told = new Set();
  let known = membersOf(scan(), leader);
  let killedAt;
  for (let pause = PAUSE_FIRST_MS; ; pause = Math.min(pause * 2, PAUSE_MAX_MS)) {
    const waited = performance.now() - began;
    if (hurry.aborted || waited >= graceMs) {
      killedAt ??= waited;
      killEach(known);
      if (waited - killedAt > UNKILLABLE_MS) return known.map(({ pid }) => pid);
      pause = PAUSE_FIRST_MS;
    } else {
      terminate(known, leader, told);
      pause = Math.min(pause, graceMs - waited);
    }
    await sleep(pause, undefined, { signal: killedAt ? undefined : hurry }).catch(() => {});
    known = membersOf(scan(), leader, known).filter((one) => !isDead(one));
    if (known.length === 0) return [];
  }
}

/** The group first: what it has started elsewhere may be its own to end, as long as it lives. */
function terminate(known, leader, told) {
  const grouped = known.some(({ group }) => group === leader);
  const targets = grouped ? [-leader] : known.map(({ pid }) => pid);
  for (const target of targets.filter((one) => !told.has(one))) {
    told.add(target);
    send(target, "SIGTERM");
  }
  // A stopped one can't hear it.
  for (const { pid } of known.filter(({ state }) => state === "T")) send(pid, "SIGCONT");
}
