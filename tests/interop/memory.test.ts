import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { dataFilename } from "@tfsaver/checkpoint-names";
import { allocateTensor } from "@tfsaver/core";
import { SlicesWriter } from "@tfsaver/saved-tensor-slices";
import type { WritableFile } from "@tfsaver/storage";
import { NodeStorage } from "@tfsaver/storage/node";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { InterceptedStorage, type StorageOperation } from "@tfsaver/testing";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const GIB = 2 ** 30;
const MOST_RESIDENT = 200 * 2 ** 20;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tfsaver-large-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Skips the tensor data, which is all zeros: a sparse file of the same size replaces it. */
class HollowStorage extends InterceptedStorage {
  protected override intercept<T>(_: StorageOperation, run: () => Promise<T>): Promise<T> {
    return run();
  }

  protected override async interceptWrite(
    { path }: StorageOperation,
    file: WritableFile,
    chunks: readonly Uint8Array[],
  ) {
    if (!path.includes(".data-")) await file.write(chunks);
  }
}

interface Measured {
  readonly tensors: number;
  readonly bytes: number;
  readonly problems: number;
  /** Peak of the resident memory in bytes. */
  readonly resident: number;
}

/** Lists and verifies a checkpoint in a separate process. */
async function measure(prefix: string): Promise<Measured> {
  const script = fileURLToPath(new URL("measure-memory.ts", import.meta.url));
  const args = ["--conditions=@tfsaver/source", "--import=tsx", script, prefix];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  return JSON.parse(stdout);
}

it("listing and verifying a V2 checkpoint of 4 GiB stays under 200 MiB", async () => {
  const prefix = join(folder, "v2");
  const writer = new BundleWriter(prefix, { storage: new HollowStorage(new NodeStorage()) });
  const zeros = allocateTensor("float32", [4096, 4096]);
  for (let i = 0; i < 64; i++) await writer.add(`layer_${i}/kernel`, zeros);
  await writer.finish();
  truncateSync(dataFilename(prefix, 0, 1), 4 * GIB);
  const measured = await measure(prefix);
  expect(measured).toMatchObject({ tensors: 64, bytes: 4 * GIB, problems: 0 });
  expect(measured.resident).toBeLessThan(MOST_RESIDENT);
});

it("listing and verifying a V1 checkpoint of 1 GiB stays under 200 MiB", async () => {
  const prefix = join(folder, "v1");
  const writer = new SlicesWriter(prefix);
  const zeros = allocateTensor("float32", [1024, 1024]);
  for (let i = 0; i < 256; i++) writer.add(`layer_${i}/kernel`, zeros);
  await writer.finish();
  const measured = await measure(prefix);
  expect(measured).toMatchObject({ tensors: 256, bytes: GIB, problems: 0 });
  expect(measured.resident).toBeLessThan(MOST_RESIDENT);
});
