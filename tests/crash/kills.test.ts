import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findDebris, removeDebris } from "@tfsaver/checkpoint-files";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildSaver } from "./program.js";

/** Kills for each of the five ways to save. `TFSAVER_KILLS` sets another number. */
const KILLS = Number(process.env.TFSAVER_KILLS ?? 130);

let folder: string;
let program: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tfsaver-kills-"));
  program = await buildSaver(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Life {
  /** What the latest checkpoint held when the process began; undefined if it was killed before it knew. */
  readonly restored: number | undefined;
  /** The last save that it has told of. */
  readonly saved: number | undefined;
  readonly error: string;
}

/** A process that saves until it is killed, some time after its first word, or until it has made all its saves. */
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

describe.concurrent.each(["one", "one-same", "shards", "shards-same", "v1-shards-same"])("%s", (what) => {
  it(`goes on from the last save or the one under way after each of ${KILLS} kills, every value as it was`, async () => {
    const run = mkdtempSync(join(folder, `${what}-`));
    let known = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      // Spread over some saves, by golden section.
      const { restored, saved, error } = await live(run, what, 1000, 50 * ((kill * 0.618) % 1));
      expect(error).toBe("");
      // A save that was told of is there; one more may have come to its end untold.
      expect(restored).toBeGreaterThanOrEqual(known);
      expect(restored).toBeLessThanOrEqual(known + 1);
      known = saved ?? (restored as number);
    }
    const { restored, error } = await live(run, what, 4);
    expect(error).toBe("");
    expect(restored).toBeGreaterThanOrEqual(known);
    await removeDebris(run, { olderThan: 0 });
    expect(await findDebris(run, { olderThan: 0 })).toEqual([]);
    // A kill between the state file and a removal leaves a whole checkpoint that no list names any more.
    const indexes = readdirSync(run).filter((name) => /\.index$|^m-00000-of-/.test(name));
    expect(indexes.length).toBeGreaterThanOrEqual(what.endsWith("same") ? 1 : 3);
    const strange = readdirSync(run).filter(
      (name) => !/^(checkpoint|m(-\d+)?\.(index|meta|data-\d{5}-of-\d{5})|m-\d{5}-of-\d{5})$/.test(name),
    );
    expect(strange).toEqual([]);
  }, 600_000);
});
