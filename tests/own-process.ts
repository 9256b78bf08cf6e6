import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "./workspace.js";

/** Limit of a process that meets hostile input, in milliseconds. */
const TIME_LIMIT_MS = 10_000;
/** Limit of its memory, in MiB. */
const MEMORY_LIMIT_MIB = 400;

/**
 * Reads the input, and prints the most memory that the process held, in KiB, as its last line. On Linux, `maxRSS` includes
 * the memory of the process that started this one, so `VmHWM` is read there.
 */
const REPORT = `
import { existsSync as $exists, readFileSync as $read } from "node:fs";
const input = JSON.parse($read(new URL("input.json", import.meta.url), "utf8"));
process.on("exit", () => {
  const status = $exists("/proc/self/status") ? $read("/proc/self/status", "utf8") : "";
  console.log(/VmHWM:\\s*(\\d+)/.exec(status)?.[1] ?? process.resourceUsage().maxRSS);
});`;

/**
 * Runs a module in a process of its own with 10 s and 400 MiB, and returns what it prints. For hostile input, which must
 * neither hang nor take the memory of the tests.
 *
 * @param source - TypeScript, whose imports start at the root of the workspace
 * @param input - anything that JSON can hold; the module finds it as `input`
 * @param folder - where the program is written, for packages that it finds beside it when it runs. Default: the system's temporary
 * folder
 * @throws `Error` with what it printed if it fails, takes too long or too much memory.
 */
export async function runInOwnProcess(source: string, input?: unknown, folder = tmpdir()): Promise<string> {
  return runIn(mkdtempSync(join(folder, "tfsaver-process-")), source, input);
}

async function runIn(folder: string, source: string, input: unknown): Promise<string> {
  try {
    const program = join(folder, "program.mjs");
    writeFileSync(program, await bundled(source));
    writeFileSync(join(folder, "input.json"), JSON.stringify(input ?? null));
    return await run(program);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Programs by their source, because most tests run one program on many inputs. */
const programs = new Map<string, Promise<string>>();

function bundled(source: string): Promise<string> {
  const program = programs.get(source) ?? bundle(`${REPORT}\n${source}`);
  programs.set(source, program);
  return program;
}

async function bundle(source: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: root, loader: "ts" },
    write: false,
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: ["@tfsaver/source"],
    // Dependencies in CommonJS call it for the modules of Node.js.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}

function run(program: string): Promise<string> {
  const child = spawn(process.execPath, [`--max-old-space-size=${MEMORY_LIMIT_MIB}`, program], {
    timeout: TIME_LIMIT_MS,
    killSignal: "SIGKILL",
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [output, errors] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    errors += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      const end = output.trimEnd().lastIndexOf("\n") + 1;
      const peakMib = Number(output.slice(end)) / 1024;
      const problem =
        signal !== null
          ? `was killed by ${signal}, after ${TIME_LIMIT_MS} ms at most`
          : code !== 0
            ? `failed with code ${code}`
            : peakMib > MEMORY_LIMIT_MIB
              ? `took ${Math.ceil(peakMib)} MiB, and may take ${MEMORY_LIMIT_MIB}`
              : undefined;
      if (problem === undefined) resolve(output.slice(0, end));
      else reject(new Error(`The process ${problem}\n${output}${errors}`));
    });
  });
}
