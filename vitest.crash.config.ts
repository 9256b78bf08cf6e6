import { defineConfig } from "vitest/config";
import base from "./vitest.config.js";

export default defineConfig({
  ...base,
  test: {
    include: ["tests/crash/**/*.test.ts"],
    testTimeout: 10 * 60_000,
    maxWorkers: 1,
    fileParallelism: false,
  },
});
