import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findDebris, removeDebris } from "@tfsaver/checkpoint-files";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildSaver } from "./program.js";

/** Number of kills for each kind of saver; `TFSAVER_KILLS` sets another one. */
const KILLS = Number(process.env.TFSAVER_KILLS ?? 130);

let folder: string;
let program: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tfsaver-kills-"));
  program = await buildSaver(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Life {
  /** Value that the process restored; undefined if it was killed before it reported one. */
  readonly restored: number | undefined;
  /** The last save that it reported. */
  readonly saved: number | undefined;
  readonly error: string;
}

/** Runs a process that saves until it has made all its saves, or is killed some time after its first output. */
function live(run: string, what: string, steps: number, killAfterMs?: number): Promise<Life> {
  const child = spawn(process.execPath, [program, run, what, String(steps)], { stdio: ["ignore", "pipe", "pipe"] });
  let [output, error] = ["", ""];
  let timer: ReturnType<typeof setTimeout> | undefined;
  child.stdout.on("data", (chunk) => {
    output += chunk;
    if (killAfterMs !== undefined) timer ??= setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  });
  child.stderr.on("data", (chunk) => {
    error += chunk;
  });
  return new Promise((resolve) => {
    child.on("close", () => {
      clearTimeout(timer);
      const last = (word: string) => {
        const found = [...output.matchAll(new RegExp(`^${word} (\\d+)$`, "gm"))].at(-1)?.[1];
        return found === undefined ? undefined : Number(found);
      };
      resolve({ restored: last("restored"), saved: last("saved"), error });
    });
  });
}

describe.concurrent.each([
  "one",
  "one-same",
  "shards",
  "shards-same",
  "v1-shards-same",
  "one-behind",
  "shards-behind",
  "one-behind-same",
])("%s", (what) => {
  /** Saves that may have ended before they were reported. */
  const unreported = what.includes("behind") ? 2 : 1;

  it(`after each of ${KILLS} kills, restores every value of the last save or of the one under way`, async () => {
    const run = mkdtempSync(join(folder, `${what}-`));
    let known = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      // Multiples of the golden ratio spread the kills evenly over a few saves.
      const { restored, saved, error } = await live(run, what, 1000, 50 * ((kill * 0.618) % 1));
      expect(error).toBe("");
      // A reported save exists.
      expect(restored).toBeGreaterThanOrEqual(known);
      expect(restored).toBeLessThanOrEqual(known + unreported);
      known = saved ?? (restored as number);
    }
    const { restored, error } = await live(run, what, 4);
    expect(error).toBe("");
    expect(restored).toBeGreaterThanOrEqual(known);
    await removeDebris(run, { olderThan: 0 });
    expect(await findDebris(run, { olderThan: 0 })).toEqual([]);
    // A kill between the update of the state file and a removal leaves a whole checkpoint that no list names.
    const indexes = readdirSync(run).filter((name) => /\.index$|^m-00000-of-/.test(name));
    expect(indexes.length).toBeGreaterThanOrEqual(what.endsWith("same") ? 1 : 3);
    const strange = readdirSync(run).filter(
      (name) => !/^(checkpoint|m(-\d+)?\.(index|meta|data-\d{5}-of-\d{5})|m-\d{5}-of-\d{5})$/.test(name),
    );
    expect(strange).toEqual([]);
  }, 600_000);
});
