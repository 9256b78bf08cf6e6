import { defineConfig } from "vitest/config";

const conditions = ["@tfsaver/source", "node"];

export default defineConfig({
  ssr: { resolve: { conditions } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "tests/*.test.ts"],
    testTimeout: 20_000,
  },
});
