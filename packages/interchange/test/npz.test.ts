import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { makeTensor, toTensor } from "@tfsaver/core";
import { openNpz, writeNpz } from "@tfsaver/interchange/npz";
import { MemoryStorage } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { goldenCheckpoints, goldensFolder } from "../../../fixtures/goldens.js";
import { checkpointOf, contentOf, expectAllOrNothing, filesOf } from "./sources.js";

describe("writeNpz", () => {
  it.each([false, true])("keeps every dtype bit for bit, and gives all back (compress: %s)", async (compress) => {
    const storage = new MemoryStorage();
    const { path } = goldenCheckpoints("v2-all-dtypes").find(({ prefix }) => prefix === "all") as { path: string };
    await using reader = await openCheckpoint(path);
    const made = await writeNpz(reader, "all.npz", { storage, compress, dropUnsupported: true });
    const wanted = await contentOf(reader);
    for (const name of made.dropped) delete wanted[name];
    const source = await openNpz("all.npz", { storage });
    expect(await contentOf(source)).toEqual(wanted);
    await source.close();
  });

  it("refuses strings that NumPy would cut, by name", async () => {
    const { storage, reader } = await checkpointOf({
      good: toTensor(["a", ""]),
      bad: makeTensor("string", [], [Uint8Array.of(97, 0)]),
    });
    await expect(writeNpz(reader, "m.npz", { storage })).rejects.toThrow(
      "npz can't hold 1 of 2 tensors bit for bit: bad (string)",
    );
    expect(await writeNpz(reader, "m.npz", { storage, dropUnsupported: true })).toMatchObject({ dropped: ["bad"] });
    const source = await openNpz("m.npz", { storage });
    expect(await contentOf(source)).toMatchObject({ good: { strings_b64: ["YQ==", ""] } });
  });

  it("carries the object graph and the counter of saves, and gives them back", async () => {
    const storage = new MemoryStorage();
    await using reader = await openCheckpoint(`${goldensFolder}object-based/ckpt-1`);
    await writeNpz(reader, "m.npz", { storage });
    const source = await openNpz("m.npz", { storage });
    expect(await contentOf(source)).toEqual(await contentOf(reader));
  });

  it("is all or nothing, whatever operation fails, and replaces a file only if it is told to", async () => {
    const { storage, reader } = await checkpointOf({ a: toTensor([1, 2]), b: toTensor("text") });
    await expectAllOrNothing(storage, 1, (faulty) => writeNpz(reader, "out.npz", { storage: faulty }));
    await writeNpz(reader, "m.npz", { storage });
    await expect(writeNpz(reader, "m.npz", { storage })).rejects.toThrow("m.npz exists already");
    const stop = new AbortController();
    const stopped = writeNpz(reader, "n.npz", { storage, signal: stop.signal, onProgress: () => stop.abort() });
    await expect(stopped).rejects.toMatchObject({ kind: "CancelledError" });
    expect(await filesOf(storage)).toEqual(["m.npz", "model.data-00000-of-00001", "model.index"]);
  });
});
