import { listCheckpoints, removeCheckpoint } from "@tfsaver/checkpoint-files";
import { CheckpointManager } from "@tfsaver/checkpoint-manager";
import { latestCheckpoint, updateCheckpointState, waitForNewCheckpoint } from "@tfsaver/checkpoint-state";
import { Graph, Variable } from "@tfsaver/graph";
import { Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import type { Storage } from "@tfsaver/storage";
import { mounted } from "@tfsaver/storage/wrappers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FakeS3 } from "../../../fixtures/fake-s3/fake-s3.js";
import { S3Storage } from "../src/index.js";

/** Names of whole checkpoints elsewhere, on the same server with the same credentials. */
const ELSEWHERE = [
  ...["s3://other/run/m-1", "s3://mine/private/m-1", "S3://other/run/m-1", "s3://mine/team/../private/m-1"],
  ...["s3://mine/team-b/m-1", "../private/m-1", "run/../../private/m-1", "gs://other/run/m-1", "file:///run/m-1"],
];

let fake: FakeS3;
beforeAll(async () => {
  fake = await FakeS3.start();
  for (const [bucket, prefix] of [
    ["other", "run"],
    ["mine", "private"],
    ["mine", "team-b"],
  ] as const) {
    const { saver, session } = await model(new S3Storage({ client: fake.client(), bucket }));
    await saver.save(session, `${prefix}/m`, { globalStep: 1 });
  }
});
afterAll(() => fake.close());

async function model(storage: Storage) {
  const graph = new Graph();
  const variable = Variable.create([1, 2, 3], { graph, name: "v" });
  const session = new LocalSession(graph, { storage });
  await session.run([variable.initializer]);
  const saver = new Saver({ graph, storage, maxToKeep: 1, recover: true, onWarning: () => undefined });
  return { variable, session, saver };
}

/** Everything of the server but what is below the storage's own prefix. */
function others(): string[] {
  return ["mine", "other"].flatMap((bucket) =>
    [...fake.bucket(bucket).objects].flatMap(([key, { etag }]) =>
      bucket === "mine" && key.startsWith("team/") ? [] : [`${bucket}/${key} ${etag}`],
    ),
  );
}

const storages = {
  "the storage": () => new S3Storage({ client: fake.client(), bucket: "mine", prefix: "team" }),
  "the storage, mounted": () => {
    const team = new S3Storage({ client: fake.client(), bucket: "mine", prefix: "team" });
    return mounted({ s3: team, file: team });
  },
};

describe.each(Object.entries(storages))("%s", (_, make) => {
  it.each(ELSEWHERE)(
    "a checkpoint file that names %s makes no request outside of it, and nothing there is read or removed",
    async (path) => {
      const storage = make();
      const root = "s3://mine/team/run";
      const before = others();
      expect(before.length).toBeGreaterThan(9);
      fake.reset();
      await updateCheckpointState(root, path, { allModelCheckpointPaths: [path], storage });
      const { saver, session, variable } = await model(storage);
      const quiet = { storage, onWarning: () => undefined };
      const ignored = () => undefined;
      await latestCheckpoint(root, quiet).catch(ignored);
      await latestCheckpoint(root, { ...quiet, findMoved: true }).catch(ignored);
      await waitForNewCheckpoint(root, undefined, { ...quiet, timeout: 0 }).catch(ignored);
      await listCheckpoints(root, { storage });
      await saver.restore(session, path).catch(ignored);
      await saver.restore(session, path, { fallBack: true }).catch(ignored);
      await removeCheckpoint(path, { storage, within: root }).catch(ignored);
      saver.setLastCheckpointsWithTime([[path, 1]]);
      await saver.save(session, `${root}/model.ckpt`, { globalStep: 2 });
      await saver.save(session, `${root}/model.ckpt`, { globalStep: 3 });
      await updateCheckpointState(root, path, { allModelCheckpointPaths: [path], storage });
      const manager = new CheckpointManager({
        saver,
        session,
        directory: root,
        storage,
        every: { steps: 1 },
        onWarning: ignored,
      });
      await manager.restoreOrInitialize({ init: () => session.run(variable.initializer) });
      await manager.save(4);
      await manager.close();

      expect(others()).toEqual(before);
      for (const { name, bucket, key, query } of fake.requests) {
        const asked = `${bucket}/${key === "" ? query.get("prefix") : key}`;
        expect(asked, name).toMatch(/^mine\/team\//);
      }
      expect(fake.requests.length).toBeGreaterThan(20);
    },
  );
});
