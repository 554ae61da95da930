// Owns a run of a plan from its first job to its exit code. It judges jobs by faults, not by the clock.
import { mkdirSync } from "node:fs";

import { countJob, countTests, retell } from "./count.mjs";
import { estimate } from "./estimate.mjs";
import { explain, judge } from "./hang.mjs";
import { readHistory, remember } from "./history.mjs";
import { forget, Job } from "./job.mjs";
import { membersOf, scan } from "./processes.mjs";
import { progress } from "./progress.mjs";
import { tail } from "./read.mjs";
import { next } from "./schedule.mjs";
import { ending, leftOut, summary } from "./summary.mjs";
import { span } from "./time.mjs";

const TICK_MS = 1000;
const LOOKS = 24; // at the processes within idle_s, no more often than once a second…
const LOOKS_MIN = 8; // …but this often where idle_s is a few seconds
const LOOK_MAX_S = 10;
const TAIL_LINES = 60;
const TAIL_LINES_STOPPED = 20; // where the first failure is the last word

/** Seconds between two looks at /proc. */
export function lookEvery(idle) {
  return Math.min(Math.max(idle / LOOKS, Math.min(1, idle / LOOKS_MIN)), LOOK_MAX_S);
}

export class Run {
  /** @type {Map<string, Job>} */
  #running = new Map();
  /** @type {Map<string, import("./summary.mjs").Ended>} */
  #ended = new Map();
  #hurry = new AbortController();
  #interrupted = false;
  /** @type {{how: import("./schedule.mjs").How, because: string} | undefined} why none starts now */
  #closed;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #wake = () => {};

  /**
   * @param {import("./plan.mjs").Plan} plan
   * @param {import("./output.mjs").Output} output
   */
  constructor(plan, output) {
    this.plan = plan;
    this.output = output;
    const before = readHistory(plan.history, plan.title);
    this.expected = new Map(
      plan.jobs.map(({ name, expected_s }) => [name, before.get(name) ?? expected_s]),
    );
  }

  /** @returns {Promise<number>} the exit code */
  async work() {
    const { logs, jobs } = this.plan;
    mkdirSync(logs, { recursive: true });
    for (const { name } of jobs) forget(logs, name);
    this.#startWhatMay();
    while (this.#running.size > 0) {
      await this.#nap();
      for (const job of this.#running.values()) if (job.done) await this.#finish(job);
      this.#checkDeadline();
      this.#look();
      this.#startWhatMay();
      if (this.#running.size > 0) this.output.show(() => this.#progress());
    }
    return this.#conclude();
  }

  /** Ends all jobs, and then the run. */
  interrupt() {
    this.#interrupted = true;
    this.output.say(`interrupted: ending ${[...this.#running.keys()].join(", ") || "nothing"}`);
    this.#endAll("interrupted", "the run was interrupted");
  }

  /** Kills what is still being ended. */
  hurry() {
    this.#hurry.abort();
  }

  killAll() {
    for (const job of this.#running.values()) job.kill();
  }

  /** Until a job has ended, or it is time to look. */
  async #nap() {
    if ([...this.#running.values()].some(({ done }) => done)) return;
    const tick = Math.min(TICK_MS, lookEvery(this.plan.idle_s) * 1000, this.#untilDeadline());
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(tick, 0));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #untilDeadline() {
    const { deadline_s } = this.plan;
    if (deadline_s === undefined || this.#closed) return TICK_MS;
    return (deadline_s - this.output.seconds) * 1000;
  }

  #checkDeadline() {
    if (this.#untilDeadline() > 0) return;
    const because = `the deadline of ${span(this.plan.deadline_s)} was reached`;
    this.output.say(because);
    this.#endAll("deadline", because);
  }

  #startWhatMay() {
    const { jobs } = this.plan;
    if (this.#closed) {
      for (const { name } of jobs) {
        if (!this.#running.has(name) && !this.#ended.has(name))
          this.#leaveOut(name, this.#closed.because);
      }
      return;
    }
    const { start, skip } = next(jobs, this.#running, this.#ended);
    for (const { name, because } of skip) this.#leaveOut(name, because);
    for (const name of start) {
      this.output.say(`${name}: begins`);
      const spec = jobs.find((one) => one.name === name);
      this.#running.set(name, new Job(spec, this.plan, () => this.#wake()));
    }
  }

  #leaveOut(name, because) {
    const failed = this.#closed?.how === "deadline" ? 1 : 0;
    const none = { seconds: 0, passed: 0, failed, told: [] };
    this.#ended.set(name, { name, how: "not run", because, ...none });
  }

  /** @param {import("./schedule.mjs").How} how */
  #endAll(how, because) {
    this.#closed ??= { how, because };
    for (const job of this.#running.values()) {
      if (job.exit || job.verdict) continue;
      if (how === "deadline") job.write([`labyard: ended: ${because}`]);
      job.end(how, because, this.#hurry.signal);
    }
    this.#wake();
  }

  /** Whether each job shows a sign of life. */
  #look() {
    const at = performance.now() / 1000;
    const due = at - this.#lookedAt >= lookEvery(this.plan.idle_s);
    const jobs = [...this.#running.values()].filter((job) => !job.exit && !job.verdict);
    const all = due && jobs.length > 0 ? scan() : undefined;
    if (due) this.#lookedAt = at;
    for (const job of jobs) {
      const seen = job.look();
      if (!all) continue;
      const members = membersOf(all, job.pid);
      job.usage.add(members);
      job.watch = judge(job.watch, { ...seen, used: job.usage.seconds }, this.plan.idle_s);
      if (job.watch.hung && members.length > 0) this.#endHung(job, members, all);
    }
  }

  #endHung(job, members, all) {
    const because = `no output and no processor time for ${span(this.plan.idle_s)}`;
    const told = explain(members, all);
    job.write([`labyard: hung: ${because}; its processes:`, ...told]);
    this.output.say(`${job.name}: hung: ${because}; its processes:`);
    this.output.lines(told);
    job.end("hung", because, this.#hurry.signal);
  }

  /** @param {Job} job */
  async #finish(job) {
    const { name, log, exit, verdict } = job;
    const seconds = job.seconds;
    const how = verdict ?? (exit.code === 0 ? "passed" : "failed");
    const because = how === "failed" ? causeOf(exit) : job.because;
    this.#running.delete(name);
    this.output.say(ending({ name, how, because, seconds }));
    const fault = how === "failed" || how === "hung";
    if (fault && this.plan.stop_at_failure && !this.#closed) {
      this.#endAll("stopped", `${name} ${how}`);
    }
    const bad = fault || how === "deadline";
    const tests = { passed: 0, failed: 0, told: [] };
    if (this.plan.count_tests) {
      const counted = await countTests(log);
      Object.assign(tests, bad || how === "passed" ? countJob(counted, !bad) : counted);
      if (bad) tests.told = await retell(log);
    }
    this.#ended.set(name, { name, how, because, seconds, ...tests });
    if (how === "passed") this.#remember(name, seconds);
    if (bad && !this.#interrupted) this.#tellEnd(name, log);
  }

  #tellEnd(name, log) {
    const lines =
      this.plan.count_tests && !this.plan.stop_at_failure ? TAIL_LINES : TAIL_LINES_STOPPED;
    this.output.lines(["", `--- the end of ${log} ---`, ...tail(log, lines), "---", ""]);
    if (this.plan.stop_at_failure) this.output.say(`${name}: the whole log is ${log}`);
  }

  #remember(name, seconds) {
    try {
      remember(this.plan.history, this.plan.title, name, seconds);
    } catch (error) {
      this.output.say(`${name}: how long it took could not be written: ${error.message}`);
    }
  }

  #progress() {
    const jobs = this.plan.jobs.map(({ name, lane, after }) => {
      const ended = this.#ended.get(name);
      const job = this.#running.get(name);
      const gone = ended?.how === "passed" ? "passed" : "gone";
      const state = ended ? gone : job ? "running" : "waiting";
      const seconds = (ended ?? job)?.seconds;
      return { name, lane, after, expected: this.expected.get(name), state, seconds };
    });
    const running = [...this.#running.values()].map(({ name, step, verdict }) => {
      return { name, step: verdict ? "ending" : step };
    });
    return progress(running, this.#closed ? undefined : estimate(jobs));
  }

  #conclude() {
    const jobs = this.plan.jobs.map(({ name }) => this.#ended.get(name));
    if (this.#interrupted) return 130;
    if (this.plan.count_tests) {
      this.output.result(summary(jobs, this.output.seconds, this.plan.logs));
    } else {
      for (const line of leftOut(jobs)) this.output.say(line);
    }
    return jobs.every(({ how, failed }) => how === "passed" && failed === 0) ? 0 : 1;
  }
}

function causeOf({ code, signal }) {
  if (signal) return `ended by ${signal}`;
  return code === null ? "see its log" : `exit code ${code}`;
}
