import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateRawSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { runInOwnProcess } from "../../../tests/own-process.js";

const folder = mkdtempSync(join(tmpdir(), "tfsaver-hostile-"));
afterAll(() => rmSync(folder, { recursive: true }));

const FORMATS = {
  ".npz": ["npz", "openNpz"],
  "model.json": ["tfjs-weights", "openTfjsWeights"],
  s: ["safetensors", "openSafetensors"],
  ".json": ["safetensors", "openSafetensors"],
};

/** Reads every tensor of a file, in a process with little time and memory, and returns the kind of the error. */
function outcome(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const [, [module, open]] = Object.entries(FORMATS).find(([ending]) => name.endsWith(ending)) as [
    string,
    [string, string],
  ];
  return runInOwnProcess(
    `import { ${open} as open } from "@tfsaver/interchange/${module}";
    try {
      const source = await open(input);
      for await (const { name } of source.tensors()) for await (const _ of source.stream(name));
      console.log("done");
    } catch (error) {
      console.log(error.kind ?? error.stack);
    }`,
    path,
  );
}

function safetensors(header: string, data = 0, length = header.length): Uint8Array {
  const bytes = Buffer.alloc(8 + header.length + data);
  bytes.writeBigUInt64LE(BigInt(length));
  bytes.write(header, 8, "latin1");
  return bytes;
}

const entry = (shape: unknown, offsets: unknown, dtype = "F32") =>
  JSON.stringify({ dtype, shape, data_offsets: offsets });

describe("hostile safetensors are damaged, not a crash, a hang or gigabytes", () => {
  it.each([
    ["a header longer than the file", safetensors("{}", 0, 2 ** 40)],
    ["a header of 2^63 bytes", Buffer.from("ffffffffffffffff7b7d", "hex")],
    ["no header", Buffer.alloc(8)],
    ["a header that is no JSON", safetensors("{]")],
    ["a header that is a list", safetensors("[]")],
    ["deep nesting", safetensors(`${"[".repeat(5_000_000)}`)],
    ["millions of empty lists", safetensors(`{"a":[${"[],".repeat(15_000_000)}[]]}`)],
    ["a shape that overflows", safetensors(`{"a":${entry([2 ** 31, 2 ** 31, 2 ** 31, 0], [0, 0])}}`)],
    ["a negative dimension", safetensors(`{"a":${entry([-1], [0, 4])}}`, 4)],
    ["a shape of more bytes than its place", safetensors(`{"a":${entry([2], [0, 4])}}`, 4)],
    ["a place behind the end", safetensors(`{"a":${entry([1], [1e15, 1e15 + 4])}}`, 4)],
    ["tensors that overlap", safetensors(`{"a":${entry([1], [0, 4])},"b":${entry([1], [0, 4])}}`, 4)],
    ["bytes of no tensor", safetensors(`{"a":${entry([1], [0, 4])}}`, 8)],
    ["no data", safetensors(`{"a":${entry([2 ** 40], [0, 2 ** 42])}}`)],
    ["metadata that is not text", safetensors('{"__metadata__":{"a":1}}')],
    ["a damaged object graph", safetensors('{"__metadata__":{"_CHECKPOINTABLE_OBJECT_GRAPH":"%"}}')],
  ])("%s", async (what, bytes) => {
    expect(await outcome(`${what.replace(/\W/g, "-")}.safetensors`, bytes)).toBe("DataLossError\n");
  });

  it.each([
    '{"weight_map":{"a":"../x.safetensors"}}',
    '{"weight_map":{"a":"/etc/passwd"}}',
    "{}",
    '{"weight_map":[1]}',
  ])("the index %s", async (text) => {
    expect(await outcome("a.safetensors.index.json", Buffer.from(text))).toBe("DataLossError\n");
  });
});

function npy(descr: string, shape: string, data = Buffer.alloc(0), order = "False"): Buffer {
  const header = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }\n`;
  const head = Buffer.from(`\x93NUMPY\x01\0\0\0${header}`, "latin1");
  head.writeUInt16LE(header.length, 8);
  return Buffer.concat([head, data]);
}

interface ZipFile {
  readonly name: string;
  readonly data: Buffer;
  /** Packed content, if it is compressed. */
  readonly packed?: Buffer;
  readonly size?: number;
  readonly crc?: number;
  /** Offset of the local header, if it is not its own. */
  readonly offset?: number;
}

/** Makes a zip file that may lie about its entries. */
function zip(...files: readonly ZipFile[]): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const { name, data, packed, size = data.length, crc = crc32(data), offset = at } of files) {
    const content = packed ?? data;
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(packed === undefined ? 0 : 8, 4);
    fields.writeUInt32LE(crc, 10);
    fields.writeUInt32LE(content.length, 14);
    fields.writeUInt32LE(size, 18);
    fields.writeUInt16LE(name.length, 22);
    const record = Buffer.concat([Buffer.from("PK\x03\x04"), fields, Buffer.from(name), content]);
    local.push(record);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\0"), fields, rest, Buffer.from(name)]));
    at += record.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06");
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...local, directory, end]);
}

/** Packs a header and 3.9 GiB of zeros into 4 MiB. */
function bomb(head: Buffer): ZipFile {
  const block = deflateRawSync(Buffer.alloc(1 << 24), { finishFlush: 2 });
  const start = deflateRawSync(head, { finishFlush: 2 });
  const packed = Buffer.concat([start, ...new Array(249).fill(block), Buffer.from([3, 0])]);
  return { name: "a.npy", data: head, packed, size: head.length + 249 * (1 << 24) };
}

describe("hostile npz are damaged, not a crash, a hang or gigabytes", () => {
  const ones = Buffer.alloc(8, 1);
  it.each([
    ["no zip file", Buffer.from("hello")],
    ["an empty file", Buffer.alloc(0)],
    ["no header", zip({ name: "a.npy", data: Buffer.from("hello, world, hello") })],
    ["a cut header", zip({ name: "a.npy", data: npy("<f4", "(2,)").subarray(0, 20) })],
    ["a header of 64 KiB", zip({ name: "a.npy", data: Buffer.from("\x93NUMPY\x01\0\xff\xff{}", "latin1") })],
    ["a header of 4 GiB", zip({ name: "a.npy", data: Buffer.from("\x93NUMPY\x02\0\xff\xff\xff\xff{}", "latin1") })],
    ["a shape of more bytes than there are", zip({ name: "a.npy", data: npy("<f4", "(1000000000,)", ones) })],
    ["a shape that overflows", zip({ name: "a.npy", data: npy("<f4", "(9007199254740991, 9007199254740991, 0)") })],
    ["a negative dimension", zip({ name: "a.npy", data: npy("<f4", "(-2,)", ones) })],
    ["a shape of text", zip({ name: "a.npy", data: npy("<f4", "(__import__('os'),)", ones) })],
    ["a shape of fewer bytes", zip({ name: "a.npy", data: npy("<f4", "(1,)", ones) })],
    ["a wrong checksum", zip({ name: "a.npy", data: npy("<f4", "(2,)", ones), crc: 1 })],
    ["a longer size", zip({ name: "a.npy", data: npy("<f4", "(2,)", ones), size: 2 ** 31 })],
    ["strings without end", zip({ name: "a.npy", data: npy("|S999999999", "(1,)", ones) })],
    ["a bomb of numbers", zip(bomb(npy("<f4", `(${249 * (1 << 22)},)`)))],
    ["a bomb of strings", zip(bomb(npy("|S1", `(${249 * (1 << 24)},)`)))],
    ["a bomb behind a small array", zip({ ...bomb(npy("<f4", "(2,)")), size: npy("<f4", "(2,)").length + 8 })],
    [
      "entries that share bytes",
      zip(
        { name: "a.npy", data: npy("<f4", "(2,)", ones) },
        { name: "a.npy", data: npy("<f4", "(2,)", ones), offset: 0 },
      ),
    ],
    ["metadata that is not text", zip({ name: "__metadata__.json", data: Buffer.from('{"a":[]}') })],
  ])("%s", async (what, bytes) => {
    expect(await outcome(`${what.replace(/\W/g, "-")}.npz`, bytes)).toBe("DataLossError\n");
  });

  it.each([
    ["Python objects", "|O"],
    ["no width", "|S0"],
    ["text", "<U5"],
    ["a date", "<M8[ns]"],
  ])("refuses %s", async (what, descr) => {
    const bytes = zip({ name: "a.npy", data: npy(descr, "(99999999999,)") });
    expect(await outcome(`${what.replace(/\W/g, "-")}.npz`, bytes)).toBe("UnimplementedError\n");
  });
});

describe("hostile weights of TensorFlow.js are damaged, not a crash, a hang or gigabytes", () => {
  writeFileSync(join(folder, "w.bin"), Buffer.alloc(16, 0xff));
  const model = (weight: unknown, path = "w.bin") => ({ weightsManifest: [{ paths: [path], weights: [weight] }] });
  it.each([
    ["no manifest", {}],
    ["a group that is none", { weightsManifest: [7] }],
    ["a weight that is none", model(null)],
    ["a shape of more bytes than there are", model({ name: "a", dtype: "float32", shape: [2 ** 40] })],
    ["a shape that overflows", model({ name: "a", dtype: "float32", shape: [2 ** 31, 2 ** 31, 0] })],
    ["a shape of fewer bytes", model({ name: "a", dtype: "float32", shape: [3] })],
    ["strings longer than the file", model({ name: "a", dtype: "string", shape: [2] })],
    ["more strings than bytes", model({ name: "a", dtype: "string", shape: [2 ** 40] })],
    ["a file elsewhere", model({ name: "a", dtype: "float32", shape: [4] }, "../w.bin")],
    ["an absolute file", model({ name: "a", dtype: "float32", shape: [4] }, "/etc/passwd")],
    ["a wrong quantization", model({ name: "a", dtype: "float32", shape: [4], quantization: { dtype: "x" } })],
    [
      "two weights of one name",
      {
        weightsManifest: [
          model({ name: "a", dtype: "float32", shape: [4] }),
          model({ name: "a", dtype: "float32", shape: [4] }),
        ].flatMap(({ weightsManifest }) => weightsManifest),
      },
    ],
  ])("%s", async (what, content) => {
    const name = `${what.replace(/\W/g, "-")}-model.json`;
    expect(await outcome(name, Buffer.from(JSON.stringify(content)))).toBe("DataLossError\n");
  });
});
