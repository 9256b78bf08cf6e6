import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import base from "./vitest.config.js";

/** Tests that take too long for `npm test`: all mutants, more power losses in the crash matrix, real processes and disks. */
export default defineConfig({
  ...base,
  test: {
    maxWorkers: availableParallelism(),
    testTimeout: 10 * 60_000,
    env: { TFSAVER_THOROUGH: "1" },
    projects: [
      {
        extends: true,
        test: {
          name: "more cases",
          include: [
            "packages/*/test/crash/**/*.test.ts",
            "packages/storage-s3/test/{faults,saves}.node.test.ts",
            "packages/interchange/test/keras-h5.node.test.ts",
            "packages/saver/test/save/snapshot.test.ts",
            "packages/*/test/**/mutants.node.test.ts",
            "tests/examples/training-example.test.ts",
            // Those that are only run here.
            "packages/*/test/**/*.thorough.test.ts",
            "tests/examples/*.thorough.test.ts",
          ],
        },
      },
      {
        extends: true,
        test: {
          name: "real crashes",
          include: ["tests/crash/**/*.test.ts"],
          // These kill processes, fill disks and measure memory, so they run one at a time, after all other tests.
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
