// Runs turbo without telemetry. Only the environment turns that off, and npm scripts cannot set it on every platform.
import { spawnSync } from "node:child_process";

const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1" };
const { status } = spawnSync("turbo", process.argv.slice(2), {
  env,
  stdio: "inherit",
  shell: process.platform === "win32",
});
process.exit(status ?? 1);
