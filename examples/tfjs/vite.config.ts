import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

/** Serves the page, and beside it the checkpoint that Keras wrote. */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  publicDir: fileURLToPath(new URL("../../fixtures/goldens/object-checkpoint/keras-sequential-adam", import.meta.url)),
  resolve: { conditions: ["@tfsaver/source", "browser", "module"] },
  logLevel: "warn",
});
