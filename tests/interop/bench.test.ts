import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tfsaver-bench-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

it("the benchmarks run: both sides write the same files, and restore the same values from each other's files", async () => {
  const args = ["run", "--silent", "bench", "--", "--quick", "--folder", folder];
  const { stdout } = await promisify(execFile)("npm", args, { cwd: root });
  for (const workload of [
    "big",
    "one",
    "sharded",
    "many",
    "strings",
    "list",
    "pick",
    "s3",
    "tools",
    "cold",
    "browser",
  ]) {
    expect(stdout).toMatch(new RegExp(`^\\| ${workload} \\| .+ \\| [\\d.]+ m?s \\|`, "m"));
  }
});
