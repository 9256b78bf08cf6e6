import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dtypeToEnum, toTensor } from "@tfsaver/core";
import { type NodeDef, TensorProto } from "@tfsaver/proto/graph";
import { MetaGraphDef } from "@tfsaver/proto/meta-graph";
import { NodeStorage } from "@tfsaver/storage/node";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { afterAll, beforeAll } from "vitest";

/** A folder with checkpoints whose graphs are odd. */
export interface GraphFolder {
  readonly path: string;
}

/**
 * Writes checkpoints before the tests of a file, and removes them afterwards: `large` with 100,000 operations, `loop` with a
 * while loop, `hostile` with names and edges that lie, `cut` and `page` with files that are no graphs, `none` without a graph.
 */
export function graphFolder(): GraphFolder {
  const path = mkdtempSync(join(tmpdir(), "viewer-graphs-"));
  beforeAll(async () => {
    const write = async (name: string, meta: Uint8Array | undefined) => {
      const writer = new BundleWriter(join(path, name), { storage: new NodeStorage() });
      await writer.add("x", toTensor([1]));
      await writer.finish();
      if (meta !== undefined) writeFileSync(join(path, `${name}.meta`), meta);
    };
    const large = graphBytes(
      Array.from({ length: 100_000 }, (_, i) =>
        node(
          `layer_${i % 200}/op_${i}`,
          i % 3 === 0 ? "Const" : "Add",
          i === 0 ? [] : ["layer_0/op_0", `layer_${(i - 1) % 200}/op_${i - 1}`],
        ),
      ),
    );
    await write("large", large);
    await write("loop", graphBytes(LOOP));
    await write("hostile", graphBytes(HOSTILE));
    await write("cut", large.subarray(0, 5000));
    await write("page", new TextEncoder().encode("<!DOCTYPE html><html><body>Not found</body></html>"));
    await write("none", undefined);
  });
  afterAll(() => rmSync(path, { recursive: true }));
  return { path };
}

function node(name: string, op: string, input: string[], attr: NodeDef["attr"] = new Map()): NodeDef {
  return { name, op, input, device: "", attr };
}

const LOOP = [
  node("start", "Const", []),
  node("while/Enter", "Enter", ["start"]),
  node("while/Merge", "Merge", ["while/Enter", "while/Next"]),
  node("while/Switch", "Switch", ["while/Merge", "while/Merge:1"]),
  node("while/Next", "NextIteration", ["while/Switch:1", "^start"]),
  node("while/Exit", "Exit", ["while/Switch"]),
];

/** A tensor whose few bytes stand for 16 GiB. */
const HUGE: TensorProto = {
  ...TensorProto.decode(new Uint8Array()),
  dtype: dtypeToEnum("float32"),
  tensorShape: { dim: [1 << 20, 1 << 12].map((size) => ({ size, name: "" })), unknownRank: false } as never,
  floatVal: [1],
};

const HOSTILE = [
  node(
    "<img src=x onerror=alert(1)>",
    "<b>bold</b>",
    ["self", "nowhere:1", "^"],
    new Map([["<i>", { s: new Uint8Array([60, 98, 62]) }]]),
  ),
  node("self", "Add", ["self", "self", "^self"], new Map([["value", { tensor: HUGE }]])),
  node("\u202Egnp.exe", "NoOp", ["self"]),
  node("x".repeat(1_000_000), "NoOp", ["self"]),
  node("s/".repeat(100_000), "NoOp", ["self"]),
  node("", "", []),
];

function graphBytes(nodes: NodeDef[]): Uint8Array {
  return MetaGraphDef.encode({ ...MetaGraphDef.decode(new Uint8Array()), graphDef: { node: nodes, version: 0 } });
}
