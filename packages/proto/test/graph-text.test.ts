import { sha256 } from "@noble/hashes/sha2.js";
import { AttrValue, FunctionDef, FunctionDefLibrary, GraphDef, NodeDef, TensorProto } from "@tfsaver/proto/graph";
import { CollectionDef, GraphDebugInfo, type MessageCodec, MetaGraphDef } from "@tfsaver/proto/meta-graph";
import {
  graphDebugInfoFromText,
  graphDebugInfoToText,
  graphDefFromText,
  graphDefToText,
  metaGraphFromText,
  metaGraphToText,
  saverDefFromText,
  saverDefToText,
} from "@tfsaver/proto/meta-graph/text";
import { SaverDef } from "@tfsaver/proto/saver";
import { readFile } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, hex } from "../../../fixtures/bytes.js";
import { goldenFiles, goldensFolder } from "../../../fixtures/files.js";
import { jsonLines } from "../../../fixtures/json-lines.js";
import texts from "./tensorflow-graph-texts.jsonl?raw";

/** The functions for one message type that the tests use. */
interface Kind {
  readonly codec: MessageCodec<object>;
  readonly print: (message: object) => string;
  readonly parse: (text: string) => object;
}

const KINDS = {
  MetaGraphDef: { codec: MetaGraphDef, print: metaGraphToText, parse: metaGraphFromText },
  GraphDef: { codec: GraphDef, print: graphDefToText, parse: graphDefFromText },
  SaverDef: { codec: SaverDef, print: saverDefToText, parse: saverDefFromText },
  GraphDebugInfo: { codec: GraphDebugInfo, print: graphDebugInfoToText, parse: graphDebugInfoFromText },
} as unknown as Readonly<Record<string, Kind>>;

// tensorflow-graph-texts.jsonl is what tensorflow-graph-texts.py, beside it, printed with TensorFlow 2.21.
const lines = jsonLines<string[]>(texts);
const all = (kind: string) => lines.filter((line) => line[0] === kind).map((line) => line.slice(1)) as never[];

const dataLoss = (message?: RegExp) =>
  expect.objectContaining({ kind: "DataLossError", ...(message && { message: expect.stringMatching(message) }) });

/** Texts that lose something: unknown fields are omitted, and Python can't parse everything that it writes. */
const NOT_READ_BACK = ["unknown fields", "an Any that can't be read back"];

describe("messages of Python", () => {
  it.each<[string, string, string, string]>(all("written"))(
    "%s, %s: as text, and read from it",
    (type, what, bytes, text) => {
      const { codec, print, parse } = KINDS[type] as Kind;
      expect(print(codec.decode(fromHex(bytes)))).toBe(text);
      if (!NOT_READ_BACK.includes(what)) expect(hex(codec.encode(parse(text)))).toBe(bytes);
    },
  );
});

describe("texts that Python's parser accepts or rejects", () => {
  it.each<[string, string, string | null]>(all("read"))("%s: %s", (type, text, bytes) => {
    const { codec, parse } = KINDS[type] as Kind;
    if (bytes === null) expect(() => parse(text)).toThrow(dataLoss(/^line \d+, column \d+: /));
    else expect(hex(codec.encode(parse(text)))).toBe(bytes);
  });
});

describe("meta graphs of TensorFlow", () => {
  it.each<[string, string]>(all("file"))("%s: the text is that of Python, and is read back", async (file, digest) => {
    const bytes = await readFile(defaultStorage(), `${goldensFolder}${file}`);
    const text = metaGraphToText(MetaGraphDef.decode(bytes));
    expect(hex(sha256(new TextEncoder().encode(text)))).toBe(digest);
    expect(hex(MetaGraphDef.encode(metaGraphFromText(text)))).toBe(hex(bytes));
  });

  it("exist", () => {
    expect((all("file") as string[][]).map(([file]) => file)).toEqual(
      goldenFiles().filter((name) => name.endsWith(".meta")),
    );
  });
});

describe("mistakes in a text", () => {
  it.each([
    ["graph_def {\n  node {\n    nam: 'a'", 'line 3, column 5: there is no field "nam"'],
    ["graph_def { node { name: 1 } }", "line 1, column 26: expected a string in quotes"],
    [
      "# é\nsaver_def { version: V3 }",
      "line 2, column 22: expected a value of tensorflow.SaverDef.CheckpointFormatVersion",
    ],
    ["saver_def { max_to_keep: 1e3 }", "line 1, column 26: expected an integer of type int32"],
    ["saver_def { sharded: yes }", "line 1, column 22: expected true or false"],
    ["saver_def {\n", 'line 2, column 1: expected "}"'],
    ["[tensorflow.extension]: 1", "line 1, column 1: expected a field name"],
    [
      "graph_def { node { name: 'a\\N{SPACE}' } }",
      "line 1, column 26: escapes of characters by name are not supported",
    ],
  ])("%j: %s", (text, message) => {
    expect(() => metaGraphFromText(text)).toThrow(expect.objectContaining({ kind: "DataLossError", message }));
  });
});

/** Returns the text of a graph with messages nested that deep. */
function nested(depth: number): string {
  const inner = ["attr", "value", "list", "func"];
  const path = Array.from({ length: depth }, (_, i) => (i === 0 ? "node" : inner[(i - 1) % 4]));
  return path.map((field) => `${field} {`).join(" ") + "}".repeat(depth);
}

describe("nesting", () => {
  it("is limited to 100 levels, as in Python's parser of bytes", () => {
    expect(graphDefFromText(graphDefToText(graphDefFromText(nested(100))))).toEqual(graphDefFromText(nested(100)));
    expect(() => graphDefFromText(nested(101))).toThrow(dataLoss(/more than 100 levels deep$/));
    expect(() => graphDefFromText(nested(100_000))).toThrow(dataLoss(/more than 100 levels deep$/));
  });

  it("beyond the limit in a message that is stored as bytes is a DataLossError", () => {
    let type = new Uint8Array();
    for (let depth = 0; depth < 101; depth++) {
      const length = type.length < 128 ? [type.length] : [(type.length & 127) | 128, type.length >> 7];
      type = Uint8Array.from([0x12, ...length, ...type]);
    }
    const graph = GraphDef.create({ node: [NodeDef.create({ experimentalType: type })] });
    expect(() => graphDefToText(graph)).toThrow(dataLoss(/more than 100 levels deep$/));
  });
});

it("an invalid message that is stored as bytes is a DataLossError", () => {
  const library = FunctionDefLibrary.encode(FunctionDefLibrary.create({ function: [Uint8Array.of(0xff)] }));
  expect(() => graphDefToText(GraphDef.create({ library }))).toThrow(dataLoss());
});

it("a library is read as functions", () => {
  const { library } = graphDefFromText("library { function { signature { name: 'f' } } } library { function { } }");
  const functions = FunctionDefLibrary.decode(library as Uint8Array).function.map((bytes) => FunctionDef.decode(bytes));
  expect(functions.map(({ signature }) => signature?.name)).toEqual(["f", undefined]);
});

const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const bytes = fc.uint8Array({ maxLength: 20 });
const string = fc.string({ unit: "binary", maxLength: 10 });
const float = fc.float({ noNaN: true });
const tensor = fc.record({
  tensorContent: bytes,
  floatVal: fc.array(float),
  doubleVal: fc.array(fc.double()),
  stringVal: fc.array(bytes),
  int64Val: fc.array(long),
  dtype: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  boolVal: fc.array(fc.boolean()),
});
const attr = fc.oneof(
  long.map((i) => ({ i })),
  bytes.map((s) => ({ s })),
  float.map((f) => ({ f })),
  fc.boolean().map((b) => ({ b })),
  string.map((placeholder) => ({ placeholder })),
  tensor.map((fields) => ({ tensor: TensorProto.create(fields) })),
);
const node = fc.record({
  name: string,
  input: fc.array(string),
  attr: fc.array(fc.tuple(string, attr)).map((entries) => new Map<string, AttrValue>(entries)),
});
const metaGraph = fc
  .record({ nodes: fc.array(node, { maxLength: 4 }), texts: fc.dictionary(string, fc.array(string)) })
  .map(({ nodes, texts }) =>
    MetaGraphDef.create({
      graphDef: GraphDef.create({ node: nodes.map((fields) => NodeDef.create(fields)) }),
      collectionDef: new Map(
        Object.entries(texts).map(([key, value]) => [key, CollectionDef.create({ nodeList: { value } })]),
      ),
    }),
  );

describe("random meta graphs", () => {
  it("are read back unchanged from their text", () => {
    fc.assert(
      fc.property(metaGraph, (message) => {
        const read = metaGraphFromText(metaGraphToText(message));
        expect(hex(MetaGraphDef.encode(read))).toBe(hex(MetaGraphDef.encode(message)));
      }),
    );
  });

  it("cause a DataLossError, or are read as a message that can be written, if their text is damaged", () => {
    const piece = fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom(..."{}<>[]:;,'\"\\#-.\n".split("")));
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(10), piece), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(metaGraph, damage, (message, places) => {
        let text = metaGraphToText(message);
        for (const [at, length, instead] of places) {
          const start = at % (text.length + 1);
          text = text.slice(0, start) + instead + text.slice(start + length);
        }
        let read: MetaGraphDef;
        try {
          read = metaGraphFromText(text);
        } catch (error) {
          expect(error).toMatchObject({ kind: "DataLossError" });
          return;
        }
        expect(metaGraphFromText(metaGraphToText(read))).toEqual(read);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("long texts", () => {
  it("are written and read: a large constant as bytes, and as values", () => {
    const tensorContent = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 2654435761) >>> 13);
    const floatVal = Array.from({ length: 100_000 }, (_, i) => Math.fround(Math.sin(i)));
    const tensor = TensorProto.create({ tensorContent, floatVal });
    const value = AttrValue.create({ tensor });
    const graph = GraphDef.create({ node: [NodeDef.create({ attr: new Map([["value", value]]) })] });
    const read = graphDefFromText(graphDefToText(graph)).node[0]?.attr.get("value")?.tensor;
    expect(read?.tensorContent.findIndex((byte, i) => byte !== tensorContent[i])).toBe(-1);
    expect(read?.floatVal).toEqual(floatVal);
  });

  it("with long repetitions of any token are parsed, or rejected, in time", () => {
    const run = (piece: string) => piece.repeat(200_000);
    for (const piece of [" ", "#\n", "\n", "saver_def{}", "graph_def{node{}}"]) {
      expect(metaGraphFromText(run(piece))).toBeDefined();
    }
    const starts = ["", "saver_def{", "saver_def{max_to_keep:", "saver_def{keep_checkpoint_every_n_hours:"];
    starts.push("saver_def{filename_tensor_name:", "saver_def{filename_tensor_name:'", "meta_info_def{any_info{[");
    for (const start of starts) {
      for (const piece of [
        "1",
        "1_",
        "0",
        "0_",
        "-",
        ".",
        "a",
        "'",
        "'a'",
        "[",
        "\\",
        "\\u0041",
        "a/",
        "%a0",
        "saver_def{",
      ]) {
        expect(() => metaGraphFromText(`${start}${run(piece)} x`), start + piece).toThrow(dataLoss());
      }
    }
  });
});
