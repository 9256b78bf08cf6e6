import type { TestSequencer, TestSpecification } from "vitest/node";

/** Test files that take seconds. Started last, one of them would keep a single worker busy at the end. */
const SLOW = [
  /\/saver\/test\/crash\//,
  /\/mutants\.node\.test/,
  /\/readme-examples\.test/,
  /\/checkpoint-tools\/test\/convert\.test/,
  /\/tensor-bundle\/test\/neighbors\.test/,
];

/** Starts the files first that have a process of their own, then the slow ones, in the same order in every run. */
export class SlowFirst implements TestSequencer {
  shard(files: TestSpecification[]): TestSpecification[] {
    return files;
  }

  sort(files: TestSpecification[]): TestSpecification[] {
    return files.toSorted((a, b) => rank(a) - rank(b) || (a.moduleId < b.moduleId ? -1 : 1));
  }
}

// A process is shared by files that follow each other.
function rank({ moduleId, project }: TestSpecification): number {
  return (project.config.isolate ? 0 : 2) + (SLOW.some((path) => path.test(moduleId)) ? 0 : 1);
}
