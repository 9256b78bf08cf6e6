// Installs the packages and generates code before an npm script runs. Nothing is installed yet, so import only Node's modules.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const stampFile = join(root, "node_modules", ".bootstrap");

const members = ["packages", "examples"].flatMap((folder) =>
  existsSync(join(root, folder)) ? readdirSync(join(root, folder)).map((name) => join(folder, name)) : [],
);
const hash = createHash("sha256");
for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml", ...["", ...members].map((m) => join(m, "package.json"))]) {
  if (existsSync(join(root, file))) hash.update(file).update(readFileSync(join(root, file)));
}
const stamp = hash.digest("hex");

function run(command, args, env) {
  const options = { cwd: root, stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, ...env } };
  const { status, error } = spawnSync(command, args, { ...options, shell: process.platform === "win32" });
  if (error) console.error(`${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

if (!existsSync(stampFile) || readFileSync(stampFile, "utf8") !== stamp) {
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  console.log(`Installing packages with ${packageManager} …`);
  // With the prefix, npx does not run the pnpm in node_modules, which the installation may replace. With CI, pnpm does not
  // ask before it replaces a node_modules of another layout.
  const install = ["install", "--frozen-lockfile", "--loglevel=warn"];
  run("npx", ["--yes", "--prefix", tmpdir(), packageManager, "--dir", root, ...install], { CI: "true" });
  writeFileSync(stampFile, stamp);
}
run("node", ["tools/proto/generate.mjs"]);
