import * as bundle from "@tfsaver/checkpoint-proto/bundle";
import { CheckpointState } from "@tfsaver/proto/checkpoint-state";
import * as graph from "@tfsaver/proto/graph";
import { ConfigProto, DeviceAttributes, NamedTensorProto } from "@tfsaver/proto/master";
import * as metaGraph from "@tfsaver/proto/meta-graph";
import { SaverDef } from "@tfsaver/proto/saver";
import { readFile } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firstDifference, fromHex, hex } from "../../../fixtures/bytes.js";
import { goldenFiles, goldensFolder } from "../../../fixtures/files.js";
import { jsonLines } from "../../../fixtures/json-lines.js";
import pythonMessages from "./python-messages.jsonl?raw";
import pythonReadings from "./python-readings.jsonl?raw";

const { BundleEntryProto, BundleHeaderProto } = bundle;
const { AttrValue, FunctionDef, FunctionDefLibrary, GraphDef, NodeDef, TensorProto, VariableDef } = graph;
const { CollectionDef, CondContextDef, GraphDebugInfo, MetaGraphDef, QueueRunnerDef, WhileContextDef } = metaGraph;
const CODECS = {
  AttrValue,
  BundleEntryProto,
  BundleHeaderProto,
  CheckpointState,
  CollectionDef,
  CondContextDef,
  ConfigProto,
  DeviceAttributes,
  FunctionDef,
  FunctionDefLibrary,
  GraphDebugInfo,
  GraphDef,
  MetaGraphDef,
  NamedTensorProto,
  NodeDef,
  QueueRunnerDef,
  SaverDef,
  TensorProto,
  VariableDef,
  WhileContextDef,
};

/** A codec of any message type. */
interface AnyCodec {
  encode(message: object): Uint8Array;
  decode(bytes: Uint8Array): object;
}
const codecs = Object.entries(CODECS) as unknown as [string, AnyCodec][];

// python-messages.jsonl is what python-messages.py, beside it, printed with TensorFlow 2.21.
const messages = jsonLines<[type: keyof typeof CODECS, what: string, bytes: string]>(pythonMessages);

describe("messages of Python", () => {
  it.each(messages)("%s, %s: decoding and encoding gives the same bytes", (type, what, bytes) => {
    const codec = CODECS[type] as unknown as AnyCodec;
    if (what.includes("beyond 2^53")) {
      expect(() => codec.decode(fromHex(bytes))).toThrow(expect.objectContaining({ kind: "DataLossError" }));
      return;
    }
    expect(hex(codec.encode(codec.decode(fromHex(bytes))))).toBe(bytes);
  });

  function decoded<K extends keyof typeof CODECS>(type: K, what: string): ReturnType<(typeof CODECS)[K]["decode"]> {
    const bytes = messages.find((message) => message[0] === type && message[1] === what)?.[2] as string;
    return CODECS[type].decode(fromHex(bytes)) as ReturnType<(typeof CODECS)[K]["decode"]>;
  }

  it("keep every number exactly", () => {
    expect(decoded("AttrValue", "i = -9223372036854775808")).toEqual({ i: -(2n ** 63n) });
    expect(decoded("AttrValue", "i = 9223372036854775807")).toEqual({ i: 2n ** 63n - 1n });
    expect(decoded("AttrValue", "i = 9007199254740993")).toEqual({ i: 2n ** 53n + 1n });
    expect(decoded("AttrValue", "i = 0")).toEqual({ i: 0n });
    expect(decoded("TensorProto", "every field")).toMatchObject({
      int64Val: [-(2n ** 63n), 2n ** 63n - 1n],
      uint64Val: [2n ** 64n - 1n],
      uint32Val: [2 ** 32 - 1],
      intVal: [-1, 2 ** 31 - 1],
    });
    expect(decoded("SaverDef", "every field")).toEqual({
      filenameTensorName: "f:0",
      saveTensorName: "s:0",
      restoreOpName: "r",
      maxToKeep: -1,
      sharded: true,
      keepCheckpointEveryNHours: 0.00019444443751126528,
      version: 2,
    });
    expect(decoded("BundleEntryProto", "every field")).toMatchObject({
      dtype: 7,
      shardId: 3,
      offset: 2 ** 40,
      size: 2 ** 53 - 1,
      crc32c: 0xffffffff,
    });
  });

  it("distinguish an empty field of a oneof from an absent one", () => {
    expect(decoded("AttrValue", "nothing")).toEqual({});
    expect(decoded("AttrValue", "b = False")).toEqual({ b: false });
    expect(decoded("AttrValue", "s = b''")).toEqual({ s: new Uint8Array() });
    expect(decoded("AttrValue", "placeholder = ''")).toEqual({ placeholder: "" });
    expect(Object.keys(decoded("AttrValue", "list, empty"))).toEqual(["list"]);
  });

  it("distinguish an absent optional field from an empty one", () => {
    const { framesById } = decoded("GraphDebugInfo", "every field");
    expect(framesById.get(7n)).toEqual({});
    expect(framesById.get(0n)).toEqual({ fileIndex: 0, line: 0, col: -1, func: "", code: "x = 1" });
    expect(framesById.get(2n ** 64n - 1n)?.line).toBe(615);
  });

  it("keep each function of a library unchanged", () => {
    const [bytes] = decoded("FunctionDefLibrary", "every field").function;
    expect(FunctionDef.decode(bytes as Uint8Array)).toEqual(decoded("FunctionDef", "every field"));
  });

  it("have maps with any keys", () => {
    const { attr } = decoded("NodeDef", "keys of Object.prototype");
    expect(attr).toBeInstanceOf(Map);
    expect([...attr.keys()].sort()).toEqual(["__proto__", "__proto__x", "constructor", "hasOwnProperty", "toString"]);
    expect(attr.get("__proto__")).toEqual({ i: 9n });
    expect(Object.prototype).not.toHaveProperty("i");
  });

  it("write a map's key after longer keys that start with it", () => {
    const attr = new Map(["", "a", "ab", "abc", "b"].map((key) => [key, AttrValue.create()]));
    const written = NodeDef.decode(NodeDef.encode(NodeDef.create({ attr }))).attr;
    expect([...written.keys()]).toEqual(["abc", "ab", "a", "b", ""]);
  });
});

// python-readings.jsonl is what python-readings.py, beside it, printed with TensorFlow 2.21.
const readings = jsonLines<[type: keyof typeof CODECS, bytes: string, written: string | null]>(pythonReadings);

describe("valid bytes that no writer produces", () => {
  it.each(readings)("%s %s: are read as Python reads them", (type, bytes, written) => {
    const codec = CODECS[type] as unknown as AnyCodec;
    if (written === null) {
      expect(() => codec.decode(fromHex(bytes))).toThrow(expect.objectContaining({ kind: "DataLossError" }));
    } else expect(hex(codec.encode(codec.decode(fromHex(bytes))))).toBe(written);
  });
});

describe("meta graphs of TensorFlow", () => {
  const files = goldenFiles().filter((name) => name.endsWith(".meta"));

  it.each(files)("%s is written again byte for byte", async (file) => {
    const bytes = await readFile(defaultStorage(), `${goldensFolder}${file}`);
    expect(firstDifference(MetaGraphDef.encode(MetaGraphDef.decode(bytes)), bytes)).toBe(-1);
  });

  it("exist", () => expect(files.length).toBeGreaterThan(10));
});

it("repeated strings in a large message are read correctly", () => {
  const part = fc.constantFrom("a", "b", "scope/", "é", "漢", "x".repeat(100), "y".repeat(300));
  const name = fc.array(part, { maxLength: 4 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.array(fc.tuple(name, name, name), { minLength: 50, maxLength: 60 }), (names) => {
      const node = Array.from({ length: 20 }, () => names)
        .flat()
        .map(([name, op, input]) => NodeDef.create({ name, op, input: [input, name] }));
      // Large enough that texts are cached, as in graphs.
      const filler = NodeDef.create({ attr: new Map([["value", AttrValue.create({ s: new Uint8Array(1 << 16) })]]) });
      const message = GraphDef.create({ node: [...node, filler] });
      expect(GraphDef.decode(GraphDef.encode(message))).toEqual(message);
    }),
    { numRuns: 20 },
  );
});

describe("unknown fields", () => {
  it("are preserved, at the top level and nested", () => {
    // Fields 100 (varint), 101 (bytes), 102 (4 bytes) and 103 (8 bytes), in node 1 of a graph and after it.
    const unknown = "a00601" + "aa0602beef" + "b50601020304" + "b9060102030405060708";
    const node = `0a016e${unknown}`;
    const bytes = `0a${(node.length / 2).toString(16)}${node}${unknown}`;
    const message = GraphDef.decode(fromHex(bytes));
    expect(message.node[0]?.name).toBe("n");
    expect(message.unknownFields?.map(hex).join("")).toBe(unknown);
    expect(hex(GraphDef.encode(message))).toBe(bytes);
  });
});

describe("invalid bytes", () => {
  it.each([
    ["cut off within a varint", "80"],
    ["cut off within a field", "0a05616263"],
    ["a field longer than anything", "0affffffff0f"],
    ["field number 0", "0001"],
    ["an end of a group that never began", "0c"],
    ["a wire type that is none", "0f"],
    ["a group that never ends", "0b0b0b"],
  ])("%s is a DataLossError", (_, bytes) => {
    for (const [name, codec] of codecs) {
      expect(() => codec.decode(fromHex(bytes)), name).toThrow(expect.objectContaining({ kind: "DataLossError" }));
    }
  });

  it("a varint of more than ten bytes is a DataLossError", () => {
    const decode = () => BundleHeaderProto.decode(fromHex("08ffffffffffffffffffffff01"));
    expect(decode).toThrow(expect.objectContaining({ kind: "DataLossError" }));
  });

  it("text that is not UTF-8 is a DataLossError, as it is an error in Python", () => {
    expect(() => NodeDef.decode(fromHex("0a02c328"))).toThrow(expect.objectContaining({ kind: "DataLossError" }));
  });

  it("nesting beyond the limit is a DataLossError", () => {
    // AttrValue.list (1) holds func (9), whose attr map (2) entries hold AttrValues (2): deep enough to overflow any stack.
    let bytes = new Uint8Array();
    const wrap = (field: number) => {
      const length: number[] = [];
      for (let rest = bytes.length; ; rest = Math.floor(rest / 128)) {
        length.push(rest < 128 ? rest : (rest % 128) | 128);
        if (rest < 128) break;
      }
      const wrapped = new Uint8Array(1 + length.length + bytes.length);
      wrapped.set([(field << 3) | 2, ...length]);
      wrapped.set(bytes, 1 + length.length);
      bytes = wrapped;
    };
    for (let depth = 0; depth < 5000; depth++) for (const field of [2, 2, 9, 1]) wrap(field);
    expect(() => AttrValue.decode(bytes)).toThrow(expect.objectContaining({ kind: "DataLossError" }));
  });

  it("of any kind cause a DataLossError, or are read as a message that can be written", () => {
    const seeds = messages.map(([, , bytes]) => fromHex(bytes));
    const damage = fc.record({ at: fc.nat(400), byte: fc.nat(255), cut: fc.nat(400) });
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.constantFrom(...codecs),
        damage,
        (seed, [, codec], { at, byte, cut }) => {
          const bytes = seed.slice(0, seed.length - (cut % (seed.length + 1)));
          if (bytes.length > 0) bytes[at % bytes.length] = byte;
          let message: object;
          try {
            message = codec.decode(bytes);
          } catch (error) {
            expect(error).toMatchObject({ kind: "DataLossError" });
            return;
          }
          expect(codec.decode(codec.encode(message))).toEqual(message);
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe("values that are passed to the package", () => {
  it("may not contain half of a surrogate pair", () => {
    for (const name of ["a\ud800", `\udc00${"x".repeat(5000)}`]) {
      expect(() => NodeDef.encode(NodeDef.create({ name }))).toThrow(expect.objectContaining({ kind: "ValueError" }));
    }
  });

  it("may be texts of any length", () => {
    for (const name of ["x".repeat(127), "x".repeat(128), "é".repeat(64), "😀".repeat(5000), "x".repeat(70_000)]) {
      const bytes = NodeDef.encode(NodeDef.create({ name, op: "é" }));
      expect(NodeDef.decode(bytes)).toMatchObject({ name, op: "é" });
    }
  });

  it("may not be numbers outside the range of their field", () => {
    for (const i of [2n ** 64n, -(2n ** 63n) - 1n]) {
      expect(() => AttrValue.encode({ i })).toThrow(expect.objectContaining({ kind: "ValueError" }));
    }
  });
});
