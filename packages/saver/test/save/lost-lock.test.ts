import { getCheckpointState } from "@tfsaver/checkpoint-state";
import type { SaverOptions } from "@tfsaver/saver";
import { MemoryStorage, type Storage, writeFileAtomically } from "@tfsaver/storage";
import { PowerLossStorage } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";
import { Model } from "../crash/history.js";
import { errorOf, filesIn } from "../model.js";

const LOCK = "/run/m.saving";

const same = (path: string) => path;
const inShards = (path: string) => `${path}-?????-of-00002`;

/** Saves 20 with a saver that is suspended before the n-th time that it writes to its checkpoint, while something happens. */
async function suspended(model: Model, options: SaverOptions, n: number, before: Act, meanwhile: Act) {
  let writes = Number.NEGATIVE_INFINITY;
  const storage: PowerLossStorage = new PowerLossStorage({
    onStep: async ({ kind, path }) => {
      const isWriting = ["create", "write", "sync"].includes(kind) && path.startsWith("/run/m") && path !== LOCK;
      if (isWriting && ++writes === n) await meanwhile(storage);
    },
  });
  await storage.createDirectory("/run");
  await before(storage);
  writes = 0;
  const session = await model.holding(20, storage);
  const saving = model.saver(storage, options).save(session, "/run/m", { writeMetaGraph: false });
  const outcome: unknown = await saving.catch((error: unknown) => error);
  return { storage, outcome, wasSuspended: writes >= n };
}

type Act = (storage: Storage) => Promise<unknown>;

describe.each([
  ["V2", {}, same],
  ["V2 in shards", { sharded: true }, same],
  ["V1", { writeVersion: 1 }, same],
  ["V1 in shards", { writeVersion: 1, sharded: true }, inShards],
] as const)("%s", (_, options, returned) => {
  it.each([
    ["over an older checkpoint", true],
    ["under a new path", false],
  ])("a saver whose lock was taken away writes nothing over what another has saved: %s", async (__, isOver) => {
    const model = new Model();
    const save = async (value: number, storage: Storage) =>
      model.saver(storage, options).save(await model.holding(value, storage), "/run/m");
    for (let n = 1; ; n++) {
      const before: Act = async (storage) => isOver && save(10, storage);
      const { storage, outcome, wasSuspended } = await suspended(model, options, n, before, async (shared) => {
        await shared.remove(LOCK);
        await save(30, shared);
      });
      if (!wasSuspended) {
        expect(n).toBeGreaterThan(4);
        break;
      }
      expect(outcome, `write ${n}`).toMatchObject({ kind: "AbortedError", path: "/run/m" });
      expect((outcome as Error).message).toContain("another saver");
      expect(await model.read(model.saver(storage, options), returned("/run/m"), storage), `write ${n}`).toBe(30);
      const state = await getCheckpointState("/run", { storage });
      expect(state?.modelCheckpointPath).toBe(returned("/run/m"));
    }
  });

  it("leaves the lock and the files of whoever has taken it", async () => {
    const text = new TextEncoder().encode("elsewhere/1 .tempstate4\n");
    const theirs = [LOCK, "/run/m.index.tempstate44", "/run/m.tempstate44"];
    const nothing = async () => undefined;
    const { storage, outcome } = await suspended(new Model(), options, 2, nothing, async (shared) => {
      for (const path of theirs) await writeFileAtomically(shared, path, text);
    });
    expect(outcome).toMatchObject({ kind: "AbortedError", path: "/run/m" });
    const names = await filesIn(storage, "/run");
    for (const path of theirs) expect(names).toContain(path.slice("/run/".length));
    expect(names).not.toContain("checkpoint");
  });
});

it.each([
  ["V2", {}, same, 20],
  ["V1 in shards, which wait until the saver has looked", { writeVersion: 1, sharded: true }, inShards, 10],
])("tells also where the session does not ask: %s", async (_, options, returned, expected) => {
  const model = new Model();
  const storage = new MemoryStorage();
  await storage.createDirectory("/run");
  await model.saver(storage, options).save(await model.holding(10, storage), "/run/m");
  await storage.remove("/run/checkpoint");
  const session = await model.holding(20, storage);
  const elsewhere = Object.assign(Object.create(session), {
    snapshot: undefined,
    run: async (...[fetch, feeds, run]: Parameters<typeof session.run>) => {
      const fetched = await session.run(fetch, feeds, { ...run, beforeCommit: undefined });
      await storage.remove(LOCK);
      return fetched;
    },
  });
  const error = await errorOf(() => model.saver(storage, options).save(elsewhere, "/run/m"));
  expect(error).toMatchObject({ kind: "AbortedError", path: "/run/m" });
  expect(await filesIn(storage, "/run")).not.toContain("checkpoint");
  const value = await model.read(model.saver(storage, options), returned("/run/m"), storage);
  expect(value).toBe(expected);
});
