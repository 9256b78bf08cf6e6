import { defineConfig, type Plugin, type UserConfig } from "vite";
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

/** Builds the page into `dist/page`, or with `--mode library` the package's own modules into `dist`. */
export default defineConfig(({ mode }): UserConfig => {
  const conditions = ["@tfsaver/source", "browser", "module"];
  const shared: UserConfig = {
    base: "./",
    resolve: { conditions },
    worker: { format: "es" },
    logLevel: "warn",
  };
  if (mode !== "library") {
    return {
      ...shared,
      plugins: [policy],
      build: { outDir: "dist/page", target: "es2022", modulePreload: { polyfill: false } },
    };
  }
  return {
    ...shared,
    build: {
      outDir: "dist",
      target: "es2022",
      emptyOutDir: false,
      rolldownOptions: {
        input: { index: "src/index.ts" },
        preserveEntrySignatures: "strict",
        output: { entryFileNames: "[name].js" },
      },
    },
  };
});
