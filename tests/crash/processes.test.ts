import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { getCheckpointState, latestCheckpoint } from "@tfsaver/checkpoint-state";
import { isCheckpointError } from "@tfsaver/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildSaver } from "./program.js";

const run = promisify(execFile);
const SAVES = 40;

let folder: string;
let program: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tfsaver-processes-"));
  program = await buildSaver(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

function save(place: string, what: string, name: string) {
  return run(process.execPath, [program, place, what, String(SAVES), name]);
}

/** Reads a checkpoint, and checks that its two variables come from the same save. */
async function read(prefix: string): Promise<void> {
  const reader = await openCheckpoint(prefix);
  try {
    const [weights, step] = [await reader.get("weights"), await reader.get("step")];
    const [value] = step.data as Float32Array;
    expect([weights.data[0], weights.data.at(-1)]).toEqual([
      value,
      Math.fround((value as number) + 1 - 1 / weights.data.length),
    ]);
  } finally {
    await reader.close();
  }
}

describe.each(["one", "shards"])("%s", (what) => {
  it("processes that save different checkpoints in one folder lose none, and leave a valid state file", async () => {
    const place = join(folder, `${what}-different`);
    mkdirSync(place);
    await Promise.all(["a", "b"].map((name) => save(place, what, name)));
    const state = await getCheckpointState(place);
    expect(state?.allModelCheckpointPaths).toHaveLength(3);
    const prefixes = readdirSync(place).flatMap((name) => (name.endsWith(".index") ? [name.slice(0, -6)] : []));
    expect(
      prefixes
        .map((prefix) => prefix[0])
        .sort()
        .join(""),
    ).toBe("aaabbb");
    for (const prefix of prefixes) await read(join(place, prefix));
  });

  it("processes that save the same checkpoint leave that of one of them, whole, and readers never see a mixture", async () => {
    const place = join(folder, `${what}-same`);
    mkdirSync(place);
    let done = false;
    let reads = 0;
    let replaced = 0;
    const readAlong = async () => {
      while (!done) {
        const latest = await latestCheckpoint(place, { onWarning: () => undefined });
        if (latest === undefined) {
          await new Promise((resolve) => setTimeout(resolve, 5));
          continue;
        }
        try {
          await read(latest);
          reads++;
        } catch (error) {
          if (!isCheckpointError(error, "AbortedError")) throw error;
          replaced++;
        }
      }
    };
    const savers = Promise.all([1, 2].map(() => save(place, `${what}-same`, "m"))).finally(() => {
      done = true;
    });
    await Promise.all([savers, readAlong()]);
    expect(reads).toBeGreaterThan(0);
    process.stdout.write(`${reads} reads succeeded, ${replaced} failed because the checkpoint was replaced\n`);
    await read(join(place, "m"));
    const names = readdirSync(place).map((name) => name.replace(/\d{5}-of-\d{5}$/, ""));
    expect([...new Set(names)].sort()).toEqual(["checkpoint", "m.data-", "m.index", "m.meta"]);
  });
});
