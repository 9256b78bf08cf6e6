import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { preparePython } from "../../tools/python.js";

declare module "vitest" {
  interface ProvidedContext {
    /** Port of the TensorFlow process. */
    readonly oraclePort: number;
  }
}

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Starts TensorFlow once for all tests. */
export default async function setup(project: TestProject): Promise<() => void> {
  const server = spawn(preparePython(), [`${root}tools/oracle/serve.py`], { stdio: ["pipe", "pipe", "inherit"] });
  project.provide("oraclePort", await firstNumber(server));
  return () => server.stdin?.end();
}

async function firstNumber(server: ChildProcess): Promise<number> {
  if (server.stdout === null) throw new Error("The oracle has no output");
  for await (const line of createInterface(server.stdout)) return Number(line);
  throw new Error(`tools/oracle/serve.py did not start: exit code ${server.exitCode}`);
}
