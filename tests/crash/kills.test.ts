import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findDebris, removeDebris } from "@tfsaver/checkpoint-files";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { live, spread } from "./live.js";
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
      const { restored, saved, error } = await live([program, run, what, "1000"], { killAfterMs: 50 * spread(kill) });
      expect(error).toBe("");
      // A reported save exists.
      expect(restored).toBeGreaterThanOrEqual(known);
      expect(restored).toBeLessThanOrEqual(known + unreported);
      known = saved ?? (restored as number);
    }
    const { restored, error } = await live([program, run, what, "4"]);
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
