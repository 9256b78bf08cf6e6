import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { root } from "../workspace.js";

/** Builds the site once for all tests. Its plugins expect a process of their own. */
export default function buildSite(): void {
  execFileSync(process.execPath, ["--import", "tsx", join(root, "docs/build/main.ts")], {
    cwd: root,
    stdio: "inherit",
  });
}
