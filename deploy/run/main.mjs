// Owns the command `node deploy/run/main.mjs PLAN.json`: its argument, its signals and its exit code.
//
// What it does: plan.mjs says what a plan holds, run.mjs runs it.
import { Output } from "./output.mjs";
import { PlanError, readPlan } from "./plan.mjs";
import { Run } from "./run.mjs";

// A closing terminal sends several signals at once: they count as one.
const SAME_SIGNAL_MS = 300;

if (process.argv.length !== 3) {
  process.stderr.write("usage: node deploy/run/main.mjs PLAN.json\n");
  process.exit(2);
}

// A terminal or a pipe that is gone ends nothing.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

let plan;
try {
  plan = readPlan(process.argv[2]);
} catch (error) {
  if (!(error instanceof PlanError)) throw error;
  process.stderr.write(`labyard: ${error.message}\n`);
  process.exit(2);
}

const run = new Run(plan, new Output({ out: process.stdout, err: process.stderr }, plan.elapsed_s));

let interruptedAt;
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(name, () => {
    if (interruptedAt === undefined) {
      interruptedAt = performance.now();
      run.interrupt();
    } else if (performance.now() - interruptedAt > SAME_SIGNAL_MS) {
      run.hurry();
    }
  });
}
process.on("exit", () => run.killAll());

process.exit(await run.work());
