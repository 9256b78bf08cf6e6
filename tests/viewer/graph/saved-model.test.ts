import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FunctionDef, FunctionDefLibrary, type NodeDef } from "@tfsaver/proto/graph";
import { MetaGraphDef } from "@tfsaver/proto/meta-graph";
import { beforeAll, expect, test } from "vitest";
import { root } from "../../workspace.js";
import { accessibilityProblems } from "../accessible.js";
import { drop, startViewer, takeFailures } from "../browser.js";
import { temporaryFolder } from "../temporary-folder.js";

const folder = temporaryFolder();
const viewer = startViewer(folder);
const fixture = join(root, "fixtures/saved-model");
const PREFIX = "variables/variables";

beforeAll(() => {
  cpSync(fixture, join(folder, "keras"), { recursive: true });
  write("two", [
    metaGraph("serve", [node("one", "NoOp", [])]),
    metaGraph("train, <b>gpu</b>", [node("two", "NoOp", [])]),
  ]);
  const hostile = [
    functionOf("<img src=x onerror=alert(1)>", [node("again", "<img src=x onerror=alert(1)>", ["again:y:0", "^x"])]),
    functionOf("x".repeat(1_000_000), []),
    Uint8Array.of(0x0a, 0xff),
  ];
  write("hostile", [metaGraph("serve", [node("call", "<img src=x onerror=alert(1)>", [])], hostile)]);
  write("many", [
    metaGraph(
      "serve",
      [],
      Array.from({ length: 3000 }, (_, i) => functionOf(`f_${i}`, [])),
    ),
  ]);
  write("cut", []);
  writeFileSync(join(folder, "cut/saved_model.pb"), Uint8Array.of(0x12, 0x7f, 1));
});

function write(name: string, metaGraphs: readonly Uint8Array[]): void {
  mkdirSync(join(folder, name));
  cpSync(join(fixture, "variables"), join(folder, name, "variables"), { recursive: true });
  const fields = metaGraphs.flatMap((bytes) => [Uint8Array.of(0x12, ...varint(bytes.length)), bytes]);
  writeFileSync(join(folder, name, "saved_model.pb"), Buffer.concat([Uint8Array.of(0x08, 1), ...fields]));
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}

function metaGraph(tag: string, nodes: NodeDef[], functions: Uint8Array[] = []): Uint8Array {
  const empty = MetaGraphDef.decode(new Uint8Array());
  const library = FunctionDefLibrary.encode({ ...FunctionDefLibrary.decode(new Uint8Array()), function: functions });
  const info = { ...MetaGraphDef.decode(Uint8Array.of(0x0a, 0)).metaInfoDef, tags: [tag] } as never;
  return MetaGraphDef.encode({ ...empty, metaInfoDef: info, graphDef: { node: nodes, version: 0, library } });
}

function functionOf(name: string, nodes: NodeDef[]): Uint8Array {
  const empty = FunctionDef.decode(Uint8Array.of(0x0a, 0));
  if (empty.signature) empty.signature.name = name;
  return FunctionDef.encode({ ...empty, nodeDef: nodes });
}

function node(name: string, op: string, input: string[]): NodeDef {
  return { name, op, input, device: "", attr: new Map() };
}

test("a dropped SavedModel shows the operations of its own graph, and its functions as graphs", async () => {
  const page = await viewer.open();
  await drop(page, [join(folder, "keras")]);
  await page.getByRole("tab", { name: "Graph" }).click();
  const summary = page.getByRole("region", { name: "The whole graph" });
  await summary.getByRole("heading", { name: /saved_model\.pb$/ }).waitFor();
  await summary.getByText(/written by TensorFlow 2\.21\.0, tags serve/).waitFor();
  await summary.getByRole("heading", { name: /^Signatures/ }).waitFor();
  // The graph itself only calls functions.
  await page.getByLabel("Search operations").fill("StatefulPartitionedCall");
  await page.getByRole("treeitem").first().click();
  const panel = page.getByRole("region", { name: "Operation" });
  await panel.getByRole("heading", { name: "Calls" }).waitFor();
  await panel.getByRole("button", { name: /^__inference_/ }).click();
  await page.getByRole("heading", { name: /^__inference_/ }).waitFor();
  expect(page.url()).toContain("function=__inference_");
  await summary.getByRole("heading", { name: /^Types of operations/ }).waitFor();
  expect(await summary.getByRole("button", { name: "_Arg", exact: true }).count()).toBe(1);
  expect(await summary.getByRole("button", { name: "_Retval", exact: true }).count()).toBe(1);
  await page.getByRole("button", { name: "← The whole graph" }).click();
  await summary.getByRole("heading", { name: /saved_model\.pb$/ }).waitFor();
  expect(takeFailures()).toEqual([]);
});

test("the operations of a function are linked by the names of their outputs, and a node is drawn", async () => {
  const page = await viewer.open(`?served=keras/${PREFIX}#graph`);
  const summary = page.getByRole("region", { name: "The whole graph" });
  await summary
    .getByRole("button", { name: /^__inference___call__|^__inference_serving_default/ })
    .first()
    .click();
  await page.getByRole("heading", { name: /^__inference_/ }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: /^__inference_/ }).waitFor();
  await page.getByLabel("Search operations").fill("MatMul");
  await page
    .getByRole("treeitem", { name: /MatMul/ })
    .first()
    .click();
  await page.getByRole("heading", { name: /MatMul/ }).waitFor();
  await page.getByRole("group", { name: /^Drawing of the surroundings/ }).waitFor();
  await page.getByRole("button", { name: /ReadVariableOp:value:0/ }).click();
  await page.getByRole("heading", { name: /ReadVariableOp/ }).waitFor();
  expect(await page.getByText("is not in the graph").count()).toBe(0);
  expect(takeFailures()).toEqual([]);
});

test("one of several meta graphs is chosen by its tags", async () => {
  const page = await viewer.open(`?served=two/${PREFIX}#graph`);
  await page.getByRole("treeitem", { name: /^one/ }).waitFor();
  await page.getByLabel("Meta graph").selectOption({ label: "2: train, <b>gpu</b>" });
  await page.getByRole("treeitem", { name: /^two/ }).waitFor();
  expect(page.url()).toContain("metagraph=1");
  await page.goto(`${viewer.url}?served=two/${PREFIX}#graph?metagraph=7`);
  await page.reload();
  await page.getByText("has no meta graph 8").waitFor();
  expect(takeFailures()).toEqual([]);
});

test("thousands of functions are searched", async () => {
  const page = await viewer.open(`?served=many/${PREFIX}#graph`);
  await page.getByText("100 of 3,000 are shown.").waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByLabel("Name contains").fill("F_2999");
  await page.getByRole("button", { name: "f_2999" }).click();
  await page.getByRole("heading", { name: "f_2999" }).waitFor();
  expect(takeFailures()).toEqual([]);
});

test("hostile functions are text, call themselves, and damaged ones are counted", async () => {
  const page = await viewer.open(`?served=hostile/${PREFIX}#graph`);
  await page.getByText("1 function can't be read.").waitFor();
  await page.getByRole("treeitem", { name: /^call/ }).click();
  await page.getByRole("region", { name: "Operation" }).getByRole("button", { name: /<img/ }).last().click();
  await page.getByRole("heading", { name: /<img/ }).waitFor();
  await page.getByRole("treeitem", { name: /^again/ }).click();
  await page.getByText("^x").first().waitFor();
  expect(await page.locator("img").count()).toBe(0);
  const cut = await viewer.open(`?served=cut/${PREFIX}#graph`);
  await cut.getByText(/saved_model\.pb can't be read.*copy it again/).waitFor();
  const gone = await viewer.open(`?served=keras/${PREFIX}#graph?function=gone`);
  await gone.getByText("has no function gone").waitFor();
  await gone.getByRole("button", { name: "← The whole graph" }).click();
  await gone.getByRole("region", { name: "The whole graph" }).waitFor();
  expect(takeFailures()).toEqual([]);
});

test("axe finds nothing in the graph of a SavedModel", async () => {
  const page = await viewer.open(`?served=two/${PREFIX}#graph`);
  await page.getByLabel("Meta graph").waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
});
