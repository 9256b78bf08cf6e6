import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { SlowFirst } from "./tools/slow-first.js";

/** Test files that change the working directory or globals. Each runs in a separate process. */
const ALONE = [
  "packages/*/test/**/mutants.node.test.ts",
  "packages/*/test/**/fuzz-findings.node.test.ts",
  "tests/examples/readme-examples.test.ts",
  // Changes the platform.
  "tests/windows.test.ts",
  // TensorFlow.js keeps its state in globals.
  "packages/interchange/test/tfjs-decodes.node.test.ts",
  "packages/tfjs/test/**/*.test.ts",
  // So does the S3 client.
  "packages/storage-s3/test/**/*.test.ts",
  "packages/cli/test/places/buckets.test.ts",
];

/** Tests of `npm run test:thorough` alone: they start many processes, kill them, or take much memory. */
const THOROUGH = "**/*.thorough.test.ts";

export default defineConfig({
  ssr: { resolve: { conditions: ["@tfsaver/source", "node"] } },
  test: {
    maxWorkers: availableParallelism(),
    testTimeout: 60_000,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    sequence: { sequencer: SlowFirst },
    projects: [
      { extends: true, test: { name: "alone", include: ALONE, exclude: [THOROUGH] } },
      {
        extends: true,
        test: {
          name: "shared",
          include: ["packages/*/test/**/*.test.ts", "tests/*.test.ts", "tests/{examples,repository}/*.test.ts"],
          exclude: [...ALONE, THOROUGH, "**/*.browser.test.ts"],
          isolate: false,
          setupFiles: ["tests/shared-process.ts"],
        },
      },
    ],
  },
});
