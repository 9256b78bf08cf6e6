import { defineConfig } from "vitest/config";

/** The documentation site: its examples run, and its built pages are looked at in real Chromium. */
export default defineConfig({
  ssr: { resolve: { conditions: ["@tfsaver/source", "node"] } },
  test: {
    include: ["tests/docs/**/*.test.ts"],
    globalSetup: ["tests/docs/build-site.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
  },
});
