import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { convertCheckpoint } from "@tfsaver/checkpoint-tools";
import { makeTensor, toTensor } from "@tfsaver/core";
import { openSafetensors, writeSafetensors } from "@tfsaver/interchange/safetensors";
import { MemoryStorage, readFile, writeFileAtomically } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { goldensFolder } from "../../../fixtures/goldens.js";
import { rejection } from "../../../fixtures/rejection.js";
import { checkpointOf, contentOf, expectAllOrNothing, filesOf } from "./sources.js";

const WEIGHTS = {
  "a/bias": toTensor([1, 2, 3]),
  "a/kernel": toTensor([[1, 2, 3]], "float64"),
  step: toTensor(7n),
  empty: makeTensor("float32", [0, 4], new Float32Array()),
};

describe("writeSafetensors", () => {
  it("writes a file that has the same content when it is read, and becomes a checkpoint again", async () => {
    const { storage, reader } = await checkpointOf(WEIGHTS);
    const made = await writeSafetensors(reader, "m.safetensors", { storage, metadata: { format: "tf" } });
    expect(made).toEqual({ files: ["m.safetensors"], tensors: 4, cast: [], dropped: [] });
    const source = await openSafetensors("m.safetensors", { storage });
    expect(source.metadata).toEqual({ format: "tf" });
    expect(await contentOf(source)).toEqual(await contentOf(reader));
    for (const format of ["V1", "V2"] as const) {
      const { prefix } = await convertCheckpoint(source, `back.${format}`, { storage, format });
      expect(await contentOf(await openCheckpoint(prefix, { storage }))).toEqual(await contentOf(reader));
    }
  });

  it("writes shards, and an index of them last", async () => {
    const { storage, reader } = await checkpointOf(WEIGHTS);
    const { files } = await writeSafetensors(reader, "m.safetensors", { storage, shards: 2 });
    expect(files).toEqual(["m-00001-of-00002.safetensors", "m-00002-of-00002.safetensors", "m.safetensors.index.json"]);
    const index = JSON.parse(new TextDecoder().decode(await readFile(storage, "m.safetensors.index.json")));
    expect(index).toEqual({
      metadata: { total_size: 44 },
      weight_map: {
        step: "m-00001-of-00002.safetensors",
        "a/kernel": "m-00001-of-00002.safetensors",
        "a/bias": "m-00002-of-00002.safetensors",
        empty: "m-00002-of-00002.safetensors",
      },
    });
    const source = await openSafetensors("m.safetensors.index.json", { storage });
    expect(await contentOf(source)).toEqual(await contentOf(reader));
  });

  it("refuses tensors that the format lacks by name, and casts or drops them when it may", async () => {
    const { storage, reader } = await checkpointOf({
      w: toTensor([1]),
      text: toTensor(["a"]),
      complex: makeTensor("complex64", [], new Float32Array(2)),
      quantized: makeTensor("qint8", [2], Int8Array.of(-1, 2)),
      small: makeTensor("int4", [2], Uint8Array.of(8, 7)),
    });
    const error = await rejection(writeSafetensors(reader, "m.safetensors", { storage }));
    expect(error).toMatchObject({ kind: "UnimplementedError" });
    expect(error.message).toContain(
      "can't hold 4 of 5 tensors bit for bit: complex (complex64), quantized (qint8), small (int4), text (string).",
    );
    await expect(writeSafetensors(reader, "m.safetensors", { storage, cast: true })).rejects.toThrow(
      "can't hold 2 of 5 tensors bit for bit: complex (complex64), text (string).",
    );
    expect(await filesOf(storage)).toEqual(["model.data-00000-of-00001", "model.index"]);
    const made = await writeSafetensors(reader, "m.safetensors", { storage, cast: true, dropUnsupported: true });
    expect(made).toEqual({
      files: ["m.safetensors"],
      tensors: 3,
      cast: [
        { name: "quantized", from: "qint8", to: "int8" },
        { name: "small", from: "int4", to: "int8" },
      ],
      dropped: ["complex", "text"],
    });
    const source = await openSafetensors("m.safetensors", { storage });
    expect([...((await source.get("small")).data as Int8Array)]).toEqual([-8, 7]);
    const { reader: none } = await checkpointOf({ text: toTensor("a") }, new MemoryStorage());
    await expect(writeSafetensors(none, "n.safetensors", { storage, dropUnsupported: true })).rejects.toThrow(
      "Nothing would be written",
    );
  });

  it("carries the object graph and the counter of saves in the metadata, and gives them back", async () => {
    const storage = new MemoryStorage();
    await using reader = await openCheckpoint(`${goldensFolder}object-based/ckpt-1`);
    await writeSafetensors(reader, "m.safetensors", { storage, dropUnsupported: true, shards: 2 });
    const source = await openSafetensors("m.safetensors.index.json", { storage });
    const [before, after] = [await contentOf(reader), await contentOf(source)];
    expect(after).toEqual(before);
    expect(Object.keys(after)).toEqual(
      expect.arrayContaining(["_CHECKPOINTABLE_OBJECT_GRAPH", "save_counter/.ATTRIBUTES/VARIABLE_VALUE"]),
    );
    expect(source.metadata).toEqual({});
  });

  it("replaces files only if it is told to, and never its source", async () => {
    const { storage, reader } = await checkpointOf(WEIGHTS);
    await writeSafetensors(reader, "m.safetensors", { storage });
    await expect(writeSafetensors(reader, "m.safetensors", { storage })).rejects.toThrow(
      "m.safetensors exists already",
    );
    await writeSafetensors(reader, "m.safetensors", { storage, force: true });
    const source = await openSafetensors("m.safetensors", { storage });
    const onItself = writeSafetensors(source, "./m.safetensors", { storage, force: true });
    await expect(onItself).rejects.toThrow("./m.safetensors is the source itself");
    await expect(writeSafetensors(reader, "no/m.safetensors", { storage })).rejects.toThrow(
      "the folder no does not exist",
    );
    const { files } = await writeSafetensors(reader, "dry.safetensors", { storage, dryRun: true });
    expect(files).toEqual(["dry.safetensors"]);
    expect(await filesOf(storage)).toEqual(["m.safetensors", "model.data-00000-of-00001", "model.index"]);
  });

  it("leaves nothing behind if it is stopped", async () => {
    const { storage, reader } = await checkpointOf(WEIGHTS);
    const before = await filesOf(storage);
    const stop = new AbortController();
    const stopped = writeSafetensors(reader, "m.safetensors", {
      storage,
      shards: 2,
      signal: stop.signal,
      onProgress: ({ done, total }) => done > total / 2 && stop.abort(),
    });
    await expect(stopped).rejects.toMatchObject({ kind: "CancelledError" });
    expect(await filesOf(storage)).toEqual(before);
  });

  it("is all or nothing, whatever operation fails", async () => {
    const { storage, reader } = await checkpointOf(WEIGHTS);
    await expectAllOrNothing(storage, 3, (faulty) =>
      writeSafetensors(reader, "out.safetensors", { storage: faulty, shards: 2 }),
    );
  });
});

describe("openSafetensors", () => {
  it("refuses an index that names a tensor in a file that lacks it, or a file elsewhere on any system", async () => {
    const { storage, reader } = await checkpointOf(WEIGHTS);
    await writeSafetensors(reader, "m.safetensors", { storage, shards: 2 });
    const [one, two] = ["m-00001-of-00002.safetensors", "m-00002-of-00002.safetensors"];
    const open = async (map: object) => {
      const index = new TextEncoder().encode(JSON.stringify({ weight_map: map }));
      await writeFileAtomically(storage, "m.safetensors.index.json", index);
      return openSafetensors("m.safetensors.index.json", { storage });
    };
    const message = (name: string, file: string) => `it names tensor ${name} in ${file}, which lacks it`;
    await expect(open({ step: one, lost: two })).rejects.toThrow(message("lost", two));
    await expect(open({ step: two, empty: one })).rejects.toThrow(message("step", two));
    for (const file of ["..\\m.safetensors", "C:m.safetensors", "../m.safetensors", "..", "/m", 5, null]) {
      const error = await rejection(open({ step: file }));
      expect(error).toMatchObject({ kind: "DataLossError", message: expect.stringContaining("no file beside it") });
    }
  });

  it("refuses names that have no bytes in UTF-8, of which two could become one", async () => {
    const storage = new MemoryStorage();
    const entry = (at: number) => `{"dtype":"F32","shape":[],"data_offsets":[${at},${at + 4}]}`;
    const header = new TextEncoder().encode(`{"\\ud800":${entry(0)},"\\ud801":${entry(4)}}`);
    const bytes = new Uint8Array(8 + header.length + 8);
    bytes[0] = header.length;
    bytes.set(header, 8);
    await writeFileAtomically(storage, "m.safetensors", bytes);
    const error = await rejection(openSafetensors("m.safetensors", { storage }));
    expect(error).toMatchObject({ kind: "DataLossError", message: expect.stringContaining("half a surrogate pair") });
    const emoji = new TextEncoder().encode(`{"\\ud83d\\ude00":${entry(0)}}`);
    const good = new Uint8Array(8 + emoji.length + 4);
    good[0] = emoji.length;
    good.set(emoji, 8);
    await writeFileAtomically(storage, "m.safetensors", good);
    const source = await openSafetensors("m.safetensors", { storage });
    await expect(source.get("\u{1f600}")).resolves.toMatchObject({ shape: [] });
  });
});
