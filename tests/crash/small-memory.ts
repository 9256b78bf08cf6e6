import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Tensor, toTensor } from "@tfsaver/core";
import { expect } from "vitest";
import { compileCommand } from "../compile.js";

/** Size in bytes of a row of {@link rows}: 1 MiB. */
export const ROW = 1 << 20;
/** Limit of the resident memory of a command, in KiB. */
const MEMORY_KIB = 256 << 10;

/** Yields rows of `float32` that hold their own number. */
export function* rows(count: number): Generator<Tensor> {
  for (let row = 0; row < count; row++) yield toTensor(new Float32Array(ROW / 4).fill(row));
}

/** The command `tfckpt`, in processes whose memory is checked. */
export class SmallMemory {
  private constructor(
    private readonly program: string,
    private readonly report: string,
    private readonly peak: string,
  ) {}

  /** Compiles the command into a folder. */
  static async compile(folder: string): Promise<SmallMemory> {
    const [report, peak] = [join(folder, "report.mjs"), join(folder, "peak")];
    writeFileSync(
      report,
      'import { writeFileSync } from "node:fs";\n' +
        `process.on("exit", () => writeFileSync(${JSON.stringify(peak)}, String(process.resourceUsage().maxRSS)));\n`,
    );
    return new SmallMemory(await compileCommand(folder), report, peak);
  }

  /** Runs the command, checks that it succeeds in little memory, and returns what it prints. */
  run(...args: string[]): string {
    const node = ["--import", this.report, this.program, ...args];
    const { status, stdout, stderr } = spawnSync(process.execPath, node, { encoding: "utf8", maxBuffer: 64 << 20 });
    expect({ status, stderr: stderr.replace(/tfckpt: this part of [\w/]+ is not verified\n/, "") }).toEqual({
      status: 0,
      stderr: "",
    });
    const peak = Number(readFileSync(this.peak, "utf8"));
    expect(peak, `resident memory of tfckpt ${args[0]} in KiB`).toBeLessThan(MEMORY_KIB);
    return stdout;
  }
}
