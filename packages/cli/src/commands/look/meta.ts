import { metaGraphFilename, parseCheckpointFilename } from "@tfsaver/checkpoint-names";
import { type MetaGraphSummary, type SignatureTensor, summarizeMetaGraph } from "@tfsaver/checkpoint-tools/meta-graph";
import { formatBytes, formatCount } from "@tfsaver/checkpoint-tools/printing";
import { formatShape } from "@tfsaver/core";
import { readMetaGraph } from "@tfsaver/meta-graph";
import type { Context } from "../../context.js";
import { finding } from "../../errors.js";
import { find } from "../../find.js";
import { colors } from "../../output/colors.js";
import { columns } from "../../output/columns.js";
import { type JsonOption, printJsonArray } from "../../output/json.js";
import { printable } from "../../output/printable.js";

type MetaGraphDef = Awaited<ReturnType<typeof readMetaGraph>>;

/** Options of `tfckpt meta`. */
export interface MetaOptions extends JsonOption {
  /** List the operations instead. */
  readonly ops?: boolean;
}

/** `tfckpt meta`: prints what a meta graph holds. */
export async function meta(path: string, options: MetaOptions, context: Context): Promise<void> {
  const metaGraph = await readMeta(path, context);
  if (options.ops) return printOperations(metaGraph, options, context);
  const summary = summarizeMetaGraph(metaGraph);
  await (options.json ? context.stdout.json(summary) : printSummary(summary, context));
}

/** Reads a `.meta` file, or that of a checkpoint. */
export async function readMeta(path: string, context: Context): Promise<MetaGraphDef> {
  const { storage } = context;
  const isFile = (await storage.stat(path))?.kind === "file" && parseCheckpointFilename(path).role === "meta-graph";
  const file = isFile ? path : metaGraphFilename(await find(path, context));
  // The checkpoint itself may be intact.
  context.subject = undefined;
  return finding(() => readMetaGraph(file, { storage }));
}

async function printOperations({ graphDef }: MetaGraphDef, { json }: MetaOptions, context: Context): Promise<void> {
  const nodes = graphDef?.node ?? [];
  const operations = nodes.map(({ name, op, device, input }) => ({ name, type: op, device, inputs: input }));
  if (json) return printJsonArray(operations, context);
  const { stdout } = context;
  const { bold, dim } = colors(stdout);
  const cells = operations.map(({ name, type, device }) => [name, type, device].map(printable));
  const [head = "", ...lines] = columns([["name", "type", "device"], ...cells]);
  await stdout.line(head, bold);
  for (const line of lines) await stdout.line(line);
  await stdout.line(formatCount(nodes.length, "operation"), dim);
}

async function printSummary(summary: MetaGraphSummary, { stdout }: Context): Promise<void> {
  const { bold } = colors(stdout);
  const { tensorflowVersion, tags, operations, types, devices, collections, signatures, saver, constants } = summary;
  const section = async (title: string, cells: readonly (readonly string[])[], right: readonly number[] = []) => {
    if (cells.length === 0) return;
    await stdout.line(title, bold);
    for (const line of columns(cells, right)) await stdout.line(`  ${line}`);
  };
  const by = tensorflowVersion === undefined ? "" : `, written by TensorFlow ${printable(tensorflowVersion)}`;
  const tagged = tags.length === 0 ? "" : `, tags ${tags.map(printable).join(", ")}`;
  await stdout.line(`${formatCount(operations, "operation")}${by}${tagged}`);
  await section(
    "operations",
    types.map(({ type, count }) => [String(count), printable(type)]),
    [0],
  );
  const named = devices.map(({ device, count }) => [String(count), device === "" ? "(any)" : printable(device)]);
  await section("devices", named, [0]);
  await section(
    "collections",
    collections.map(({ key, kind, items }) => [printable(key), `${items} ${kind}`]),
  );
  for (const { key, method, inputs, outputs } of signatures) {
    await section(`signature ${printable(key)} (${printable(method)})`, [
      ...inputs.map((tensor) => ["input", ...signatureCells(tensor)]),
      ...outputs.map((tensor) => ["output", ...signatureCells(tensor)]),
    ]);
  }
  if (saver !== undefined) {
    const { saveTensorName, restoreOpName, filenameTensorName, version, sharded, maxToKeep } = saver;
    await section("saver", [
      ["format", version === 2 ? "V2" : "V1"],
      ["sharded", sharded ? "yes" : "no"],
      ["keeps", maxToKeep === 0 ? "all" : String(maxToKeep)],
      ["file name", printable(filenameTensorName)],
      ["save", printable(saveTensorName)],
      ["restore", printable(restoreOpName)],
    ]);
  }
  await section(
    "largest constants",
    constants.map(({ name, dtype, shape, bytes }) => [
      formatBytes(bytes),
      printable(name),
      `${dtype} ${formatShape(shape)}`,
    ]),
    [0],
  );
}

function signatureCells({ key, name, dtype, shape }: SignatureTensor): string[] {
  return [printable(key), `${dtype ?? "?"} ${formatShape(shape)}`, printable(name ?? "(composite)")];
}
