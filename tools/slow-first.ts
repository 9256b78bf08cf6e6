import type { TestSequencer, TestSpecification } from "vitest/node";

/** Test files that take seconds. If one started last, a single worker would be busy at the end. */
const SLOW = [
  /\/saver\/test\/crash\//,
  /\/mutants\.node\.test/,
  /\/readme-examples\.test/,
  /\/checkpoint-tools\/test\/convert\.test/,
  /\/tensor-bundle\/test\/neighbors\.test/,
  /\/(examples|training-example)\.test/,
];

/** Sorts the files that have a process of their own to the front, then the slow ones. Every run has the same order. */
export class SlowFirst implements TestSequencer {
  shard(files: TestSpecification[]): TestSpecification[] {
    return files;
  }

  sort(files: TestSpecification[]): TestSpecification[] {
    return files.toSorted((a, b) => rank(a) - rank(b) || (a.moduleId < b.moduleId ? -1 : 1));
  }
}

// Only files that follow each other share a process.
function rank({ moduleId, project }: TestSpecification): number {
  return (project.config.isolate ? 0 : 2) + (SLOW.some((path) => path.test(moduleId)) ? 0 : 1);
}
