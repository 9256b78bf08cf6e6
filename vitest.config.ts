import { defineConfig } from "vitest/config";

export default defineConfig({
  ssr: { resolve: { conditions: ["@tfsaver/source", "node"] } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "tests/*.test.ts"],
    testTimeout: 20_000,
  },
});
