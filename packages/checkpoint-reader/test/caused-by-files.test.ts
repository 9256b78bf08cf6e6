import {
  CancelledError,
  type CheckpointError,
  DataLossError,
  InvalidArgumentError,
  NotFoundError,
  PermissionDeniedError,
  UnavailableError,
  ValueError,
} from "@tfsaver/core";
import { MemoryStorage } from "@tfsaver/storage";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { FaultyStorage } from "@tfsaver/testing";
import { expect, test } from "vitest";
import { isCausedByFiles } from "../src/index.js";

async function whole(): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  const writer = new BundleWriter("m", { storage });
  writer.add("a", { dtype: "float32", shape: [2], data: Float32Array.of(1, 2) });
  await writer.finish();
  return storage;
}

const remove = (path: string) => async () => {
  const storage = await whole();
  await storage.remove(path);
  return storage;
};

test.for([
  ["damage, whatever the files look like now", new DataLossError("checksum"), whole, true],
  ["a missing name in whole files", new NotFoundError("Key b not found"), whole, false],
  ["a shape that does not fit whole files", new InvalidArgumentError("[2] [3]"), whole, false],
  ["a missing data file", new NotFoundError("no such file"), remove("m.data-00000-of-00001"), true],
  ["a missing checkpoint", new ValueError("not a valid checkpoint"), async () => new MemoryStorage(), true],
  ["a storage that can't be reached", new UnavailableError("no answer"), remove("m.index"), false],
  ["a missing permission", new PermissionDeniedError("not yours"), remove("m.index"), false],
  ["a signal", new CancelledError("enough"), remove("m.index"), false],
  ["an error of another library", new TypeError("x"), remove("m.index"), false],
] as const)(
  "isCausedByFiles: %s",
  async ([, error, files, expected]: readonly [
    string,
    Error | CheckpointError,
    () => Promise<MemoryStorage>,
    boolean,
  ]) => {
    expect(await isCausedByFiles(error, "m", { storage: await files() })).toBe(expected);
  },
);

test("isCausedByFiles is false if the files can't be looked at", async () => {
  const storage = new FaultyStorage(await whole(), { fail: () => true, error: new UnavailableError("no answer") });
  expect(await isCausedByFiles(new NotFoundError("Key b not found"), "m", { storage })).toBe(false);
});
