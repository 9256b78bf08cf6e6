/**
 * Compares the speed of this library with that of TensorFlow, or of another commit:
 * `npm run bench -- [--only big,many] [--rounds 7] [--folder /dev/shm] [--against COMMIT] [--quick]`.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compare, type Outcome } from "./compare.js";
import { defaultFolder } from "./machine.js";
import { otherCommit, tensorflow } from "./rival.js";
import { tableOf } from "./table.js";
import { workloads } from "./workloads/index.js";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    rounds: { type: "string" },
    folder: { type: "string" },
    against: { type: "string" },
    quick: { type: "boolean", default: false },
  },
});
const names = values.only?.split(",") ?? Object.keys(workloads);
const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));
const base = values.folder ?? defaultFolder();
mkdirSync(base, { recursive: true });
const rival = values.against === undefined ? tensorflow : otherCommit(values.against);

const outcomes: Outcome[] = [];
const notes: string[] = [];
for (const name of names) {
  const workload = workloads[name];
  if (workload === undefined)
    throw new Error(`No such workload: ${name}. Workloads: ${Object.keys(workloads).join(", ")}`);
  const folder = mkdtempSync(join(base, `bench-${name}-`));
  try {
    await workload({
      folder,
      quick: values.quick,
      rival,
      async compare(contest) {
        const outcome = await compare(contest, rounds);
        outcomes.push(outcome);
        process.stderr.write(`${tableOf([outcome])}\n\n`);
        return outcome;
      },
      note: (text) => notes.push(text),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
console.log([tableOf(outcomes), ...notes].join("\n\n"));
