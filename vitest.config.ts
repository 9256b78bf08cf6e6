import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { SlowFirst } from "./tools/slow-first.js";

/** Test files that change the working directory or globals: each gets a process of its own. */
const ALONE = ["packages/*/test/mutants.node.test.ts", "tests/readme-examples.test.ts"];

/** Test files that take longest. They start first, so that no worker is left alone with one of them at the end. */
const SLOW = ["packages/saver/test/crash/", ...ALONE.map((path) => path.replace("packages/*", ""))];

export default defineConfig({
  ssr: { resolve: { conditions: ["@tfsaver/source", "node"] } },
  test: {
    maxWorkers: availableParallelism(),
    testTimeout: 20_000,
    sequence: { sequencer: SlowFirst },
    projects: [
      {
        extends: true,
        test: {
          name: "shared",
          isolate: false,
          include: ["packages/*/test/**/*.test.ts", "tests/*.test.ts"],
          exclude: ALONE,
        },
      },
      { extends: true, test: { name: "alone", include: ALONE } },
    ],
  },
});
