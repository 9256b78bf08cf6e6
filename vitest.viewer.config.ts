import { defineConfig } from "vitest/config";

/** The tests of the built viewer, in real Chromium. */
export default defineConfig({
  ssr: { resolve: { conditions: ["@tfsaver/source", "node"] } },
  test: {
    include: ["tests/viewer/**/*.test.ts"],
    globalSetup: ["tests/viewer/build-page.ts"],
    testTimeout: 30_000,
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 30_000,
    isolate: false,
    maxWorkers: 2,
  },
});
