/**
 * `npm run fuzz -- [--rounds N] [--seed S]`: damages checkpoints at random and reads them, until stopped. Mutants that break
 * the promise of `examine` are saved in `fixtures/fuzz`, where a test reads them from then on.
 */
import "./allocations.js";
import { parseArgs } from "node:util";
import { goldenSubjects, keep } from "./kept.js";
import { newTally, tryMutant } from "./run.js";
import { madeSubjects } from "./subjects.js";

const { values } = parseArgs({ options: { rounds: { type: "string" }, seed: { type: "string" } } });
const rounds = values.rounds === undefined ? Number.POSITIVE_INFINITY : Number(values.rounds);
const first = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
const subjects = [...(await madeSubjects()), ...goldenSubjects()];
const tally = newTally();
const REPORT_EVERY = 100;

let stopped = false;
process.once("SIGINT", () => {
  stopped = true;
});

console.log(`Damaging ${subjects.length} checkpoints, from seed ${first} on. Press Ctrl-C to stop.`);
for (let round = 0; round < rounds && !stopped; round++) {
  for (const subject of subjects) {
    const known = tally.findings.length;
    await tryMutant(subject, first + round, tally);
    for (const finding of tally.findings.slice(known)) {
      console.log(`\n${subject.format} ${subject.name}, seed ${finding.seed}: ${finding.error.message}`);
      if (finding.error.cause !== undefined) console.log(finding.error.cause);
      console.log(`Kept in ${keep(finding)}`);
    }
  }
  if (round % REPORT_EVERY === REPORT_EVERY - 1) report();
}
report();
process.exitCode = tally.findings.length > 0 ? 1 : 0;

function report(): void {
  const errors = Object.entries(tally.errors).map(([kind, count]) => `${count} ${kind}`);
  console.log(
    `${tally.mutants} mutants: ${tally.answers} answers, ${errors.join(", ")}, ${tally.findings.length} findings`,
  );
}
