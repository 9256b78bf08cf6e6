import type { TestSequencer, TestSpecification } from "vitest/node";

/** Test files that take seconds. If one started last, a single worker would be busy at the end. */
const SLOW = [
  /\/saver\/test\/crash\//,
  /\/mutants\.node\.test/,
  /\/readme-examples\.test/,
  /\/checkpoint-tools\/test\/convert\.test/,
  /\/tensor-bundle\/test\/neighbors\.test/,
];

/** Starts isolated files first, then slow ones, then the others, in the same order in every run. */
export class SlowFirst implements TestSequencer {
  shard(files: TestSpecification[]): TestSpecification[] {
    return files;
  }

  sort(files: TestSpecification[]): TestSpecification[] {
    return files.toSorted((a, b) => rank(a) - rank(b) || (a.moduleId < b.moduleId ? -1 : 1));
  }
}

// Isolated files come first because only consecutive files can share a process.
function rank({ moduleId, project }: TestSpecification): number {
  return (project.config.isolate ? 0 : 2) + (SLOW.some((path) => path.test(moduleId)) ? 0 : 1);
}
