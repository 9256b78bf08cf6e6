import { GraphDef } from "@tfsaver/proto/graph";
import { GraphDebugInfo, type MessageCodec, MetaGraphDef } from "@tfsaver/proto/meta-graph";
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
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Random } from "../../tools/fuzz/random.js";
import { Oracle } from "./oracle.js";

/** Seed of the random messages. `TFSAVER_RANDOM_SEED` sets another one. */
const SEED = Number(process.env.TFSAVER_RANDOM_SEED ?? Date.now() % 1_000_000);
const COUNT = 300;

interface Kind<T> {
  readonly codec: MessageCodec<T>;
  readonly print: (message: T) => string;
  readonly parse: (text: string) => T;
}

const KINDS = {
  MetaGraphDef: { codec: MetaGraphDef, print: metaGraphToText, parse: metaGraphFromText },
  GraphDef: { codec: GraphDef, print: graphDefToText, parse: graphDefFromText },
  SaverDef: { codec: SaverDef, print: saverDefToText, parse: saverDefFromText },
  GraphDebugInfo: { codec: GraphDebugInfo, print: graphDebugInfoToText, parse: graphDebugInfoFromText },
};

/** Valid and invalid pieces to insert into texts. */
const PIECES = [
  ..."{}<>[]:;,.'\"\\#-+/_019af \n\té",
  ..."0x 017 1e9 1f inf nan true True t DT_FLOAT \\303 \\x41 \\u00e9 'a' key value i: f: s: type: {} <> []".split(" "),
  "# note\n",
  "list { i: [1, 2] }",
  "[type.googleapis.com/tensorflow.VariableDef] { trainable: true }",
];

/** Damages a text: removes, inserts or moves a few pieces. */
function damaged(text: string, random: Random): string {
  let result = text;
  for (let times = 1 + random.below(3); times > 0; times--) {
    const at = random.below(result.length + 1);
    const length = random.pick([0, 0, 1, 1, 2, 10]);
    const from = random.below(text.length + 1);
    const piece = random.pick([random.pick(PIECES), random.pick(PIECES), "", text.slice(from, from + 10)]);
    result = result.slice(0, at) + piece + result.slice(at + length);
  }
  // Replaces unpaired surrogates, which Python cannot encode.
  return Buffer.from(result).toString();
}

let oracle: Oracle;
beforeAll(() => {
  oracle = new Oracle();
});
afterAll(() => oracle.close());

describe.each(Object.entries(KINDS) as unknown as [keyof typeof KINDS, Kind<object>][])("%s", (type, kind) => {
  const { codec, print, parse } = kind;

  /** Parses a text and prints it again; undefined if it cannot be parsed. */
  function readAndPrinted(text: string): string | undefined {
    try {
      return print(parse(text));
    } catch (error) {
      expect(error, text).toMatchObject({ kind: "DataLossError" });
      return undefined;
    }
  }

  /** True if a size of a shape is not a safe integer, which tfsaver refuses. */
  function isTooLarge(text: string): boolean {
    try {
      parse(text);
      return false;
    } catch (error) {
      return (error as Error).message.includes("not a safe integer");
    }
  }

  it(`is written and read as by Python, seed ${SEED}`, async () => {
    const messages = await oracle.ask<[string, string][]>("random_texts", { type, seed: SEED, count: COUNT });
    const texts = messages.filter(([, text]) => !isTooLarge(text));
    expect(texts.length).toBeGreaterThan(COUNT / 2);
    for (const [base64, text] of texts) {
      const bytes = new Uint8Array(Buffer.from(base64, "base64"));
      expect(print(codec.decode(bytes))).toBe(text);
      expect(Buffer.from(codec.encode(parse(text))).toString("base64")).toBe(base64);
    }
  });

  it(`is accepted or rejected as by Python if it is damaged, seed ${SEED}`, async () => {
    const random = new Random(SEED);
    const messages = await oracle.ask<[string, string][]>("random_texts", { type, seed: SEED + COUNT, count: COUNT });
    const texts = messages
      .filter(([, text]) => text.length < 10_000)
      .flatMap(([, text]) => Array.from({ length: 10 }, () => damaged(text, random)))
      .filter((text) => !isTooLarge(text));
    const expected = await oracle.ask<(string | null)[]>("read_texts", { type, texts });
    for (const [i, text] of texts.entries()) expect(readAndPrinted(text) ?? null, text).toBe(expected[i]);
  });
});
