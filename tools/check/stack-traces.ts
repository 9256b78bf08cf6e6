import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packAll } from "./packed.js";

/** Fails if the stack trace of an error in an installed package does not lead to the line of its source that throws. */
const PROGRAM = `
  import { openCheckpoint } from "@tfsaver/checkpoint-reader";
  await openCheckpoint("missing").catch(({ stack }) => console.log(stack));`;

const [packed] = packAll();
const installation = (packed as { folder: string }).folder.split("node_modules")[0] as string;
const args = ["--enable-source-maps", "--input-type=module", "--eval", PROGRAM];
const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: installation, encoding: "utf8" });
const [, file, line] = /node_modules\/(@tfsaver\/[\w/-]+\/src\/[\w/-]+\.ts):(\d+)/.exec(stdout) ?? [];
const source = file === undefined ? [] : readFileSync(join(installation, "node_modules", file), "utf8").split("\n");
const text = source[Number(line) - 1];
if (text === undefined || !/new \w*Error\(/.test(text)) {
  console.error(`A stack trace must lead to the source that throws, but leads to ${file}:${line}\n${stdout}${stderr}`);
  process.exit(1);
}
console.log(`stack traces lead to the sources: ${file}:${line}`);
