import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig, defineProject, type Plugin } from "vitest/config";
import { serveGoldens } from "./tests/browser/goldens-server.js";
import { CHROMIUM_ARGS, findChromium } from "./tools/chromium.js";

/** Packages whose tests, except `*.node.test.ts`, also run in a browser. */
const PACKAGES = [
  "core",
  "checkpoint-proto",
  "proto",
  "storage",
  "storage-opfs",
  "storage-s3",
  "checkpoint-names",
  "sstable",
  "tensor-bundle",
  "saved-tensor-slices",
  "checkpoint-reader",
  "retention",
  "saver",
  "object-checkpoint",
  "checkpoint-manager",
  "tfjs",
];

/** Replaces `x.ts` by `x.browser.ts` if that exists in the same folder. */
const standIns: Plugin = {
  name: "stand-ins",
  enforce: "pre",
  async resolveId(source, importer, options) {
    if (!source.startsWith(".")) return undefined;
    const resolved = await this.resolve(source, importer, { ...options, skipSelf: true });
    const path = resolved?.id.replace(/\.ts$/, ".browser.ts");
    return path !== resolved?.id && path !== undefined && existsSync(path) ? path : resolved;
  },
};

const goldens: Plugin = {
  name: "goldens",
  configureServer: (server) => void server.middlewares.use(serveGoldens),
};

const inPage = defineProject({
  plugins: [standIns, goldens],
  resolve: {
    conditions: ["@tfsaver/source", "browser", "module"],
    alias: {
      "@tfsaver/storage/default": fileURLToPath(new URL("tests/browser/default-storage.ts", import.meta.url)),
    },
  },
  test: {
    name: "in a page",
    include: PACKAGES.map((name) => `packages/${name}/test/**/*.test.ts`),
    exclude: ["**/*.node.test.ts", "**/*.thorough.test.ts"],
    globalSetup: ["tests/browser/fake-s3-setup.ts"],
    testTimeout: 60_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { executablePath: findChromium(), args: CHROMIUM_ARGS } }),
      instances: [{ browser: "chromium" }],
    },
  },
});

/** Tests that run in Node.js, and drive pages of a Chromium. */
const pages = defineProject({
  test: {
    ...{ name: "pages", include: ["tests/pages/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 },
    expect: { poll: { timeout: 10_000 } },
  },
});

export default defineConfig({ test: { projects: [inPage, pages] } });
