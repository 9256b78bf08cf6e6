// Turns off turbo's telemetry: only an environment variable can, and npm scripts cannot set one portably.
import { spawnSync } from "node:child_process";

const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1" };
const { status } = spawnSync("turbo", process.argv.slice(2), {
  env,
  stdio: "inherit",
  shell: process.platform === "win32",
});
process.exit(status ?? 1);
