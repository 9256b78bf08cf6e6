import { createHash } from "node:crypto";
import { defineConfig, type Plugin, type Rollup, type UserConfig } from "vite";
import { contentSecurityPolicy } from "./src/entry/content-security-policy.js";

/** Writes the content security policy into the page, for servers that send no header. */
const policy: Plugin = {
  name: "content-security-policy",
  apply: "build",
  transformIndexHtml: () => [
    {
      tag: "meta",
      attrs: { "http-equiv": "Content-Security-Policy", content: contentSecurityPolicy() },
      injectTo: "head-prepend",
    },
  ],
};

/** Tells the service worker which files the page has. */
const pageFiles: Plugin = {
  name: "page-files",
  apply: "build",
  enforce: "post",
  generateBundle(_, bundle) {
    const files = Object.keys(bundle).filter((name) => name !== "service-worker.js" && sizeOf(bundle[name]) < MAX_KEPT);
    const hash = createHash("sha256");
    for (const name of files.sort()) {
      const file = bundle[name];
      hash.update(name).update(file?.type === "chunk" ? file.code : (file?.source ?? ""));
    }
    const worker = bundle["service-worker.js"];
    if (worker?.type !== "chunk") throw new Error("The page has no service worker");
    const page = { version: hash.digest("hex").slice(0, 16), files };
    worker.code = `const PAGE = ${JSON.stringify(page)};\n${worker.code}`;
  },
};

/** Size in characters of a file that is kept only once it was needed: the HDF5 library. */
const MAX_KEPT = 1 << 20;

function sizeOf(file: Rollup.OutputBundle[string] | undefined): number {
  return (file?.type === "chunk" ? file.code : (file?.source ?? "")).length;
}

/** Builds the page into `dist/page`, or with `--mode library` the package's own modules into `dist`. */
export default defineConfig(({ mode }): UserConfig => {
  // Other packages import some modules both ways on purpose: what matters to them is what a page loads at first.
  const checks = { ineffectiveDynamicImport: false };
  const shared: UserConfig = {
    base: "./",
    resolve: { conditions: ["@tfsaver/source", "browser", "module"] },
    worker: { format: "es", rolldownOptions: { checks } },
    logLevel: "warn",
  };
  const target = "es2022";
  if (mode === "library") {
    return {
      ...shared,
      build: {
        outDir: "dist",
        target,
        emptyOutDir: false,
        rolldownOptions: {
          checks,
          input: { index: "src/index.ts" },
          preserveEntrySignatures: "strict",
          output: { entryFileNames: "[name].js" },
        },
      },
    };
  }
  return {
    ...shared,
    plugins: [policy, pageFiles],
    build: {
      outDir: "dist/page",
      target,
      modulePreload: { polyfill: false },
      rolldownOptions: {
        checks,
        input: { index: "index.html", "service-worker": "src/entry/service-worker.ts" },
        output: {
          entryFileNames: ({ name }) => (name === "service-worker" ? "[name].js" : "assets/[name]-[hash].js"),
        },
      },
    },
  };
});
