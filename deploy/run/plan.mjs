// Owns what a plan is: reading one, and saying what is wrong with it. It runs nothing.
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";

import { next } from "./schedule.mjs";

/**
 * @typedef {object} Spec one job of a plan
 * @property {string} name also the name of its log
 * @property {string[]} command the program and its arguments, started in the plan's cwd
 * @property {string} lane the jobs of one lane run one after another, lanes beside each other
 * @property {string[]} after the jobs that must have passed before it starts
 * @property {number} [expected_s] seconds it takes, as long as the history doesn't know
 * @property {Record<string, string>} env added to the runner's own
 *
 * @typedef {object} Plan
 * @property {string} title the key of its durations in the history
 * @property {string} cwd
 * @property {string} logs the folder of logs and steps
 * @property {string} [history] the file of durations
 * @property {number} idle_s seconds without a sign of life after which a job counts as hung
 * @property {number} [deadline_s] seconds all jobs may take together, with those before the runner's start
 * @property {number} elapsed_s seconds since the caller's own start
 * @property {number} grace_s seconds between SIGTERM and SIGKILL
 * @property {boolean} stop_at_failure
 * @property {boolean} count_tests
 * @property {Spec[]} jobs
 */

export class PlanError extends Error {}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const isText = (value) => typeof value === "string" && value !== "" && !value.includes("\0");
const isSeconds = (value) => Number.isFinite(value) && value > 0;
const isFlag = (value) => typeof value === "boolean";
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isTexts = (value) => Array.isArray(value) && value.every((one) => typeof one === "string");
const isEnv = (value) =>
  isObject(value) && Object.values(value).every((one) => typeof one === "string");

const TEXT = [isText, "a text"];
const SECONDS = [isSeconds, "a number of seconds above 0"];
const FLAG = [isFlag, "true or false"];

const PLAN = {
  title: TEXT,
  cwd: TEXT,
  logs: TEXT,
  history: TEXT,
  idle_s: SECONDS,
  deadline_s: SECONDS,
  elapsed_s: [(value) => Number.isFinite(value) && value >= 0, "a number of seconds"],
  grace_s: SECONDS,
  stop_at_failure: FLAG,
  count_tests: FLAG,
  jobs: [(value) => Array.isArray(value) && value.length > 0, "a list of at least one job"],
};
const PLAN_NEEDS = ["title", "cwd", "logs", "idle_s", "jobs"];

const JOB = {
  name: [(value) => NAME.test(value), "letters, digits, dots, dashes and underscores"],
  command: [
    (value) => isTexts(value) && isText(value[0]),
    "a list of texts: a program and its arguments",
  ],
  lane: TEXT,
  after: [isTexts, "a list of names of jobs"],
  expected_s: SECONDS,
  env: [isEnv, "an object of texts"],
};
const JOB_NEEDS = ["name", "command"];

function check(where, value, fields, needs) {
  if (!isObject(value)) throw new PlanError(`${where} must be an object`);
  for (const key of Object.keys(value)) {
    if (!Object.hasOwn(fields, key)) throw new PlanError(`${where} has an unknown field: ${key}`);
    const [right, kind] = fields[key];
    if (!right(value[key])) throw new PlanError(`${where}: ${key} must be ${kind}`);
  }
  const missing = needs.find((key) => !Object.hasOwn(value, key));
  if (missing) throw new PlanError(`${where} lacks ${missing}`);
}

/** @returns {Plan} */
export function parsePlan(value) {
  check("the plan", value, PLAN, PLAN_NEEDS);
  const names = new Set();
  for (const [index, job] of value.jobs.entries()) {
    check(`job ${job?.name ?? index + 1}`, job, JOB, JOB_NEEDS);
    if (names.has(job.name)) throw new PlanError(`two jobs are named ${job.name}`);
    names.add(job.name);
  }
  const jobs = value.jobs.map((job) => ({ lane: "main", after: [], env: {}, ...job }));
  for (const { name, after } of jobs) {
    const unknown = after.find((one) => !names.has(one));
    if (unknown !== undefined) {
      throw new PlanError(`job ${name}: after names ${unknown}, which is no job of the plan`);
    }
  }
  const stuck = neverStarting(jobs);
  if (stuck.length > 0) throw new PlanError(`these jobs wait for each other: ${stuck.join(", ")}`);
  const usual = { elapsed_s: 0, grace_s: 20, stop_at_failure: false, count_tests: false };
  return { ...usual, ...value, logs: resolve(value.logs), jobs }; // jobs may work elsewhere
}

/** The jobs that wouldn't start if all others passed. */
function neverStarting(jobs) {
  const ended = new Map();
  for (;;) {
    const { start } = next(jobs, new Set(), ended);
    if (start.length === 0) break;
    for (const name of start) ended.set(name, { how: "passed" });
  }
  return jobs.map(({ name }) => name).filter((name) => !ended.has(name));
}

/** @returns {Plan} */
export function readPlan(file) {
  let value;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new PlanError(`the plan ${file} could not be read: ${error.message}`);
  }
  const plan = parsePlan(value);
  if (!statSync(plan.cwd, { throwIfNoEntry: false })?.isDirectory()) {
    throw new PlanError(`the plan's cwd is no folder: ${plan.cwd}`);
  }
  return plan;
}
