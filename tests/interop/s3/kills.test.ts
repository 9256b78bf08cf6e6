import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findDebris, removeDebris } from "@tfsaver/checkpoint-files";
import { S3Storage } from "@tfsaver/storage-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { S3Server } from "../../../tools/s3-servers.js";
import { live, spread } from "../../crash/live.js";
import { buildSaver } from "../../crash/program.js";
import { isThorough } from "../../thorough.js";

/** Number of kills for each kind of saver: with `TFSAVER_THOROUGH=1`, 200 of them all. */
const KILLS = isThorough ? 50 : 4;
/** Milliseconds in which a process makes a few saves. */
const LIFE_MS = 300;

let server: S3Server;
let folder: string;
let program: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tfsaver-s3-kills-"));
  [server, program] = await Promise.all([S3Server.versitygw(), buildSaver(folder)]);
});
afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true });
});

describe.concurrent.each(["one", "one-same", "shards", "shards-same"])("%s", (what) => {
  it(`after each of ${KILLS} kills, restores every value of the last save or of the one under way`, async () => {
    await server.createBucket(what);
    const { environment } = server;
    const run = `s3://${what}/run`;
    let known = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const killAfterMs = LIFE_MS * spread(kill);
      const { restored, saved, error } = await live([program, run, what, "1000"], { killAfterMs, environment });
      expect(error).toBe("");
      // A reported save exists. One more may have ended before it was reported.
      expect(restored).toBeGreaterThanOrEqual(known);
      expect(restored).toBeLessThanOrEqual(known + 1);
      known = saved ?? (restored as number);
    }
    const { restored, error } = await live([program, run, what, "4"], { environment });
    expect(error).toBe("");
    expect(restored).toBeGreaterThanOrEqual(known);

    const storage = new S3Storage({ client: server.client(), bucket: what });
    await removeDebris("run", { storage, olderThan: 0 });
    expect(await findDebris("run", { storage, olderThan: 0 })).toEqual([]);
    expect(await storage.unfinished.list("run")).toEqual([]);
    const names = (await storage.list("run")).map(({ name }) => name);
    // A kill between the update of the state file and a removal leaves a whole checkpoint that no list names.
    const indexes = names.filter((name) => name.endsWith(".index"));
    expect(indexes.length).toBeGreaterThanOrEqual(what.endsWith("same") ? 1 : 3);
    const strange = names.filter((name) => !/^(checkpoint|m(-\d+)?\.(index|meta|data-\d{5}-of-\d{5}))$/.test(name));
    expect(strange).toEqual([]);
  }, 600_000);
});
