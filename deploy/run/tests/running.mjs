// Owns what the tests of whole runs share: a folder of their own, a plan, a run and what it wrote.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { Output } from "../output.mjs";
import { parsePlan } from "../plan.mjs";
import { Run } from "../run.mjs";

const MAIN = fileURLToPath(new URL("../main.mjs", import.meta.url));
const PATIENCE_MS = 60_000;

/** A folder that goes with the test, and in it what a run needs. */
export function folder(test) {
  const path = mkdtempSync(join(tmpdir(), "labyard-run-"));
  test.after(() => rmSync(path, { recursive: true, force: true }));
  const read = (name) => readFileSync(join(path, name), "utf8");
  return {
    path,
    read,
    has: (name) => existsSync(join(path, name)),
    at: (name) => join(path, name),
  };
}

/** A job that is a shell script. */
export const script = (name, text, more = {}) => ({
  name,
  command: ["bash", "-c", text],
  ...more,
});

/** idle_s is long unless a test says otherwise. */
function planOf({ path, at }, jobs, more) {
  const plan = { title: "test", cwd: path, logs: at("logs"), history: at("durations.json") };
  return { ...plan, idle_s: 60, grace_s: 1, ...more, jobs };
}

/** Runs these jobs to their end. */
export async function finish(where, jobs, more) {
  const written = { out: "", err: "" };
  const into = (name) => ({ write: (text) => (written[name] += text) });
  const output = new Output({ out: into("out"), err: into("err") });
  const code = await new Run(parsePlan(planOf(where, jobs, more)), output).work();
  return { code, ...written };
}

/** Starts the program on these jobs. */
export function start(where, jobs, more) {
  const file = where.at("plan.json");
  writeFileSync(file, JSON.stringify(planOf(where, jobs, more)));
  const child = spawn(process.execPath, [MAIN, file], { stdio: ["ignore", "pipe", "pipe"] });
  const result = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => (result.out += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (result.err += text));
  const ended = new Promise((resolve) => {
    child.on("close", (code) => resolve({ code, ...result }));
  });
  return { ended, signal: (name) => child.kill(name) };
}

/** Asks again and again until it holds. */
export async function eventually(what, holds) {
  const end = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`it never came to be that ${what}`);
    await sleep(20);
  }
}

/** Whether a process runs; one that has ended but is still listed does not. */
export function runs(pid) {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${Number(pid)}/status`, "utf8"));
  } catch {
    return false;
  }
}
