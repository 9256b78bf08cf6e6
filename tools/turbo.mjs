// Turbo's telemetry is switched off by the environment alone, and npm scripts have no portable way to set it.
import { spawnSync } from "node:child_process";

const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1" };
const { status } = spawnSync("turbo", process.argv.slice(2), {
  env,
  stdio: "inherit",
  shell: process.platform === "win32",
});
process.exit(status ?? 1);
