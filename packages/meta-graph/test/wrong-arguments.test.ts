import { Graph } from "@tfsaver/graph";
import { MemoryStorage, writeFileAtomically } from "@tfsaver/storage";
import { expect, it } from "vitest";
import { rejection } from "../../../fixtures/rejection.js";
import {
  copyScopedMetaGraph,
  exportMetaGraph,
  importMetaGraph,
  readMetaGraph,
  writeGraph,
  writeMetaGraph,
} from "../src/index.js";

/** Passes a value of a wrong type, as JavaScript can. */
// biome-ignore lint/suspicious/noExplicitAny: that is the point
const wrong = (value: unknown) => value as any;

const graph = new Graph();
const storage = new MemoryStorage();

it.each<[string, () => unknown, string]>([
  ["importMetaGraph(null)", () => importMetaGraph(wrong(null)), "must be a MetaGraphDef"],
  ["importMetaGraph(path)", () => importMetaGraph(wrong("m.meta")), "readMetaGraph reads one from a file"],
  [
    "importMetaGraph returnElements",
    () => importMetaGraph(exportMetaGraph({ graph }), { returnElements: wrong(5) }),
    "returnElements",
  ],
  ["exportMetaGraph graph", () => exportMetaGraph({ graph: wrong("x") }), "graph must be a Graph"],
  [
    "copyScopedMetaGraph graph",
    () => copyScopedMetaGraph({ fromScope: "a", toScope: "b", fromGraph: wrong(5) }),
    "fromGraph must be a Graph",
  ],
  ["readMetaGraph(5)", () => readMetaGraph(wrong(5)), "The path of a meta graph must be a string"],
  ["writeMetaGraph(5)", () => writeMetaGraph(wrong(5), exportMetaGraph({ graph })), "The path of a meta graph must be"],
  ["writeMetaGraph(…, null)", () => writeMetaGraph("m", wrong(null)), "The meta graph to write must be a MetaGraphDef"],
  ["writeGraph of text", () => writeGraph(wrong("x"), "folder", "name"), "graph must be a Graph or a GraphDef"],
  ["writeGraph into 5", () => writeGraph(graph, wrong(5), "name"), "directory must be a string"],
  ["writeGraph as 5", () => writeGraph(graph, "folder", wrong(5)), "name must be a string"],
])("an argument of a wrong type is a TypeError that names it: %s", async (_, action, message) => {
  const error = await rejection(Promise.resolve().then(action));
  expect(error).toBeInstanceOf(TypeError);
  expect(error.message).toContain(message);
});

it("a file where writeGraph needs a folder is named", async () => {
  await writeFileAtomically(storage, "file", Uint8Array.of(1));
  expect(await rejection(writeGraph(graph, "file", "graph.pbtxt", { storage }))).toMatchObject({
    kind: "ValueError",
    message: "file/graph.pbtxt can't be written: file is a file, not a folder",
  });
});
