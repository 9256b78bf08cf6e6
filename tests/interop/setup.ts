import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Port of the process that asks TensorFlow. */
    readonly oraclePort: number;
  }
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const environment = `${root}.interop/venv`;
const requirements = `${root}tools/oracle/requirements.txt`;

/** Makes the Python environment, if it is not there as the requirements say. */
function preparePython(): string {
  const python = `${environment}/bin/python`;
  const stamp = `${environment}/requirements.txt`;
  const wanted = readFileSync(requirements, "utf8");
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
    process.stderr.write("Installing TensorFlow into .interop/venv …\n");
    mkdirSync(`${root}.interop`, { recursive: true });
    execFileSync("python3", ["-m", "venv", "--clear", environment], { stdio: ["ignore", "inherit", "inherit"] });
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements];
    execFileSync(python, pip, { stdio: ["ignore", "inherit", "inherit"] });
    writeFileSync(stamp, wanted);
  }
  return python;
}

/** Starts TensorFlow once for all tests. */
export default async function setup(project: TestProject): Promise<() => void> {
  const server = spawn(preparePython(), [`${root}tools/oracle/serve.py`], { stdio: ["pipe", "pipe", "inherit"] });
  project.provide("oraclePort", await firstNumber(server));
  return () => server.stdin?.end();
}

async function firstNumber(server: ChildProcess): Promise<number> {
  if (server.stdout === null) throw new Error("The oracle has no output");
  for await (const line of createInterface(server.stdout)) return Number(line);
  throw new Error(`The oracle did not start: exit code ${server.exitCode}`);
}
