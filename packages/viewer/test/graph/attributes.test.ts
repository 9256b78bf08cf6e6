import { dtypeToEnum } from "@tfsaver/core";
import { type AttrValue, TensorProto } from "@tfsaver/proto/graph";
import { CollectionDef } from "@tfsaver/proto/meta-graph";
import { expect, test } from "vitest";
import { attributeText } from "../../src/worker/handlers/graph/attribute-text.js";
import { collectionItems } from "../../src/worker/handlers/graph/collection-items.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const FLOAT = dtypeToEnum("float32");

function tensor(dims: readonly number[], change: Partial<TensorProto> = {}): TensorProto {
  const shape = { dim: dims.map((size) => ({ size, name: "" })), unknownRank: false };
  return { ...TensorProto.decode(new Uint8Array()), dtype: FLOAT, tensorShape: shape as never, ...change };
}

test.each<readonly [string, AttrValue, string | RegExp]>([
  ["text", { s: bytes("a\u001b[31m") }, /^"a\\/],
  ["an integer", { i: -(2n ** 63n) }, "-9223372036854775808"],
  ["a float, in the shortest way", { f: Math.fround(0.1) }, "0.1"],
  ["a boolean", { b: true }, "true"],
  ["a dtype", { type: FLOAT }, "float32"],
  ["a reference", { type: FLOAT + 100 }, "float32 reference"],
  ["a dtype that does not exist", { type: 9999 }, /damaged/],
  ["a small tensor", { tensor: tensor([2], { floatVal: [1, 2] }) }, "float32 [2] [1. 2.]"],
  ["a list", { list: { ...emptyList(), i: [1n, 2n] } }, "[1, 2]"],
  ["an empty list", { list: emptyList() }, "[]"],
  ["a function", { func: { name: "f", attr: new Map() } }, "function f"],
  ["nothing", {}, ""],
])("%s is shown", (_, value, text) => {
  if (typeof text === "string") expect(attributeText(value)).toBe(text);
  else expect(attributeText(value)).toMatch(text);
});

test("a tensor whose few bytes stand for billions of elements is not made", () => {
  expect(attributeText({ tensor: tensor([1 << 20, 1 << 12], { floatVal: [1] }) })).toBe(
    "float32 [1048576,4096], 16.0 GiB",
  );
});

test("long texts and lists are cut", () => {
  expect(attributeText({ s: bytes("x".repeat(1_000_000)) }).length).toBeLessThan(5000);
  expect(attributeText({ list: { ...emptyList(), i: new Array(1_000_000).fill(1n) } })).toContain("and 999800 more");
});

test("collections list names, variables by name, and other messages as bytes", () => {
  const collection = CollectionDef.decode(new Uint8Array());
  expect(collectionItems({ ...collection, nodeList: { value: ["a", "b:0"] } })).toEqual(["a", "b:0"]);
  expect(collectionItems({ ...collection, bytesList: { value: [bytes("\u0000\u0001")] } })[0]).toMatch(/^"/);
  expect(collectionItems(collection)).toEqual([]);
});

function emptyList() {
  return { s: [], i: [], f: [], b: [], type: [], shape: [], tensor: [], func: [] };
}
