import { HostVariable } from "@tfsaver/saver-builders";
import { MemoryStorage, readFile } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { rejection } from "../../../fixtures/rejection.js";
import { putFile } from "../../../fixtures/storage-files.js";
import { Checkpoint } from "../src/index.js";

const DATA = "run/ckpt-2.data-00000-of-00001";

const variable = (value: number) => new HostVariable([value, value], { name: "v" });

/** Saves `run/ckpt-1` and `run/ckpt-2`. */
async function twoCheckpoints(): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  const checkpoint = new Checkpoint({ v: variable(1), later: variable(2) }, { storage });
  for (let i = 0; i < 2; i++) await checkpoint.save("run/ckpt");
  return storage;
}

const DAMAGES: Readonly<Record<string, [(storage: MemoryStorage) => Promise<void>, RegExp]>> = {
  "the data file is missing": [(storage) => storage.remove(DATA), /data-00000-of-00001 is missing/],
  "the data file is cut off": [
    async (storage) => putFile(storage, DATA, (await readFile(storage, DATA)).subarray(0, 5)),
    /data-00000-of-00001.* 5 bytes/,
  ],
  "the data file is a Git LFS pointer": [
    (storage) =>
      putFile(storage, DATA, `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 9\n`),
    /Git LFS pointer.*git lfs pull/,
  ],
  "a byte has changed": [
    async (storage) => {
      const bytes = await readFile(storage, DATA);
      bytes[bytes.length - 4] = 77;
      await putFile(storage, DATA, bytes);
    },
    /wrong checksums\. A disk or a transfer probably damaged it/,
  ],
  "the index is no index": [
    (storage) => putFile(storage, "run/ckpt-2.index", "<!doctype html><html></html>"),
    /web page/,
  ],
};

describe.each(Object.entries(DAMAGES))("where %s", (_, [damage, fault]) => {
  it.each(["restore", "read"] as const)(
    "%s names the file, the cause and the newest whole checkpoint, and changes nothing",
    async (method) => {
      const storage = await twoCheckpoints();
      await damage(storage);
      const v = variable(8);
      const later = variable(9);
      const checkpoint = new Checkpoint({ v, later }, { storage });
      const error = await rejection(checkpoint[method]("run/ckpt-2"));
      expect(error.message).toMatch(fault);
      expect(error.message).toMatch(/^The newest whole checkpoint of the folder is run\/ckpt-1\.$/m);
      expect(error.message.match(/newest whole checkpoint/g)).toHaveLength(1);
      expect([v.value.data[0], later.value.data[0]]).toEqual([8, 9]);
      (await checkpoint[method]("run/ckpt-1")).assertExistingObjectsMatched();
      expect(v.value.data[0]).toBe(1);
    },
  );
});

it("says which checkpoint is there in place of one that is not", async () => {
  const storage = await twoCheckpoints();
  const error = await rejection(new Checkpoint({ v: variable(8) }, { storage }).restore("run/ckpt-7"));
  expect(error).toMatchObject({ kind: "NotFoundError" });
  expect(error.message).toMatch(/run\/ckpt-7.*The newest whole checkpoint of the folder is run\/ckpt-2\./s);
});

it("explains damage that comes to light when an object is added", async () => {
  const storage = await twoCheckpoints();
  const checkpoint = new Checkpoint({ v: variable(8) }, { storage });
  const status = await checkpoint.restore("run/ckpt-2");
  await storage.remove(DATA);
  checkpoint.track({ later: variable(9) });
  expect((await rejection(status.settled())).message).toMatch(/is missing.*run\/ckpt-1\./s);
});

it("does not look for damage where the objects are the cause", async () => {
  const storage = await twoCheckpoints();
  const wrong = new HostVariable([1, 2, 3], { name: "v" });
  const error = await rejection(new Checkpoint({ v: wrong }, { storage }).restore("run/ckpt-2"));
  expect(error).toMatchObject({ kind: "ValueError" });
  expect(error.message).not.toContain("whole checkpoint");
});
