import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import base from "./vitest.config.js";

/** What `npm test` has no time for: all mutants, the crash matrix with more losses of power, and real processes and disks. */
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
          include: ["packages/saver/test/crash/**/*.test.ts", "packages/*/test/**/mutants.node.test.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "real crashes",
          include: ["tests/crash/**/*.test.ts"],
          // These kill processes, fill disks and measure memory: one after another, and nothing beside them.
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
