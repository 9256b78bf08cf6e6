/**
 * `npm test`: runs the type check, the linter, the search for unused code and the tests side by side. Arguments go to the
 * tests: `npm test -- packages/core`. Prints the output of the tests while they run, and that of each other check when it ends.
 */
import { spawn } from "node:child_process";
import type { Readable } from "node:stream";

interface Check {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

const checks: readonly Check[] = [
  { name: "types", command: "tsc", args: ["-b", "tsconfig.json", "tsconfig.tests.json"] },
  { name: "lint", command: "biome", args: ["check"] },
  { name: "unused code", command: "knip", args: [] },
];
const tests: Check = { name: "tests", command: "vitest", args: ["run", ...process.argv.slice(2)] };

const failed = (await Promise.all([...checks.map((check) => run(check, false)), run(tests, true)])).filter(Boolean);
if (failed.length > 0) console.log(`failed: ${failed.join(", ")}`);
process.exitCode = failed.length > 0 ? 1 : 0;

/** Runs a check. Returns its name if it fails. */
async function run({ name, command, args }: Check, live: boolean): Promise<string | undefined> {
  const started = performance.now();
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    shell: process.platform === "win32",
    // Without this, programs write no colors to a pipe.
    env: { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: "1" } : {}) },
  });
  const lines: string[] = [];
  const print = live ? (line: string) => void process.stdout.write(line) : (line: string) => void lines.push(line);
  const [code] = await Promise.all([ended(child), forEachLine(child.stdout, print), forEachLine(child.stderr, print)]);
  const seconds = Math.round((performance.now() - started) / 1000);
  const outcome = code === 0 ? "passed" : "FAILED";
  process.stdout.write(`\n--- ${name}: ${outcome} in ${seconds} s ---\n${lines.join("")}\n`);
  return code === 0 ? undefined : name;
}

/** Returns the exit code of a process; null if a signal stopped it. */
function ended(child: ReturnType<typeof spawn>): Promise<number | null> {
  return new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
}

/** Passes on whole lines only, so that the output of one program does not break a line of another. */
async function forEachLine(stream: Readable, take: (line: string) => void): Promise<void> {
  let rest = "";
  for await (const chunk of stream.setEncoding("utf8")) {
    const end = (chunk as string).lastIndexOf("\n") + 1;
    if (end > 0) take(rest + (chunk as string).slice(0, end));
    rest = end > 0 ? (chunk as string).slice(end) : rest + (chunk as string);
  }
  if (rest !== "") take(`${rest}\n`);
}
