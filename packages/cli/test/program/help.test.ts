import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldensFolder } from "../../../../fixtures/goldens.js";
import { compileCommand } from "../../../../tests/compile.js";
import { buildProgram } from "../../src/program/program.js";
import { tfckpt } from "../run-cli.js";

/** Commands whose examples need a TensorFlow server: their arguments are only parsed. */
const ON_SERVERS = ["save", "restore"];

/** Commands that end when they are interrupted. */
const UNTIL_INTERRUPTED = ["view"];

const names = buildProgram({} as Parameters<typeof buildProgram>[0], () => undefined).commands.flatMap((command) =>
  command.name() === "complete" ? [] : [command.name()],
);

async function examplesOf(name: string): Promise<string[]> {
  const { stdout } = await tfckpt(["help", name]);
  const [, examples = ""] = /\nExamples:\n((?: {2}.*\n)+)/.exec(stdout) ?? [];
  return examples
    .split("\n")
    .slice(0, -1)
    .map((line) => line.trim());
}

let folder: string;
let program: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tfckpt-help-"));
  program = await compileCommand(join(folder, ".program"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(names.filter((name) => name !== "help"))("the help of %s", (name) => {
  it("is at most 80 wide, and has two examples that do what they say", async () => {
    const { stdout } = await tfckpt(["help", name]);
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
    const examples = await examplesOf(name);
    expect(examples).toHaveLength(2);
    for (const [i, example] of examples.entries()) {
      expect(example).toMatch(new RegExp(`\\btfckpt ${name} `));
      if (ON_SERVERS.includes(name)) continue;
      const place = join(folder, `${name}-${i}`);
      cpSync(`${goldensFolder}v2-with-meta`, join(place, "model"), { recursive: true });
      if (UNTIL_INTERRUPTED.includes(name)) {
        await runUntilOutput(example, place);
        continue;
      }
      const script = `tfckpt() { "${process.execPath}" "${program}" "$@"; }; ${example}`;
      execFileSync("bash", ["-euc", script], { cwd: place, encoding: "utf8" });
    }
  });
});

/** Runs an example until it has printed a line, then interrupts it, and expects a success. */
async function runUntilOutput(example: string, cwd: string): Promise<void> {
  const env = { ...process.env, DISPLAY: "", WAYLAND_DISPLAY: "" };
  const child = spawn(process.execPath, [program, ...example.split(" ").slice(1)], { cwd, env });
  child.stdout.once("data", () => child.kill("SIGINT"));
  const [code] = await once(child, "close");
  expect(code).toBe(0);
}

describe.each(ON_SERVERS)("the help of %s, which needs a server,", (name) => {
  it("has examples whose options exist", async () => {
    for (const example of await examplesOf(name)) {
      const found = await tfckpt([...example.split(" ").slice(1), "--timeout", "none"]);
      expect(found.stderr).toMatch(/--timeout takes|No checkpoint at/);
    }
  });
});
