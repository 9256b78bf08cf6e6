import { dtypeFromEnum, dtypeInfo, numElements, type PartialShape, type Shape } from "@tfsaver/core";
import { shapeFromProto } from "@tfsaver/graph";
import type { NodeDef } from "@tfsaver/proto/graph";
import type { CollectionDef, MetaGraphDef } from "@tfsaver/proto/meta-graph";
import { SignatureDef, type TensorInfo } from "@tfsaver/proto/signature/decode";

/** An input or output of a signature. */
export interface SignatureTensor {
  /** Its name in the signature. */
  readonly key: string;
  /** Its name in the graph; undefined for a sparse tensor, or one made of several. */
  readonly name: string | undefined;
  /** Undefined for a dtype that is not known. */
  readonly dtype: string | undefined;
  readonly shape: PartialShape;
}

/** A signature of a graph. */
export interface SignatureSummary {
  readonly key: string;
  readonly method: string;
  readonly inputs: readonly SignatureTensor[];
  readonly outputs: readonly SignatureTensor[];
}

/** A collection of a graph. */
export interface CollectionSummary {
  readonly key: string;
  readonly kind: "nodes" | "messages" | "integers" | "floats" | "any" | "empty";
  readonly items: number;
}

/** A constant of a graph. */
export interface ConstantSummary {
  readonly name: string;
  readonly dtype: string;
  readonly shape: Shape;
  /** Size in bytes of the value. It may take less in the file. */
  readonly bytes: number;
}

/** Result of {@link summarizeMetaGraph}. */
export interface MetaGraphSummary {
  readonly tensorflowVersion: string | undefined;
  readonly tags: readonly string[];
  /** Number of operations. */
  readonly operations: number;
  /** Number of operations of each type, the most frequent first. */
  readonly types: readonly { readonly type: string; readonly count: number }[];
  /** Number of operations on each device, by name; the empty name is for those that are placed nowhere. */
  readonly devices: readonly { readonly device: string; readonly count: number }[];
  readonly collections: readonly CollectionSummary[];
  readonly signatures: readonly SignatureSummary[];
  readonly saver: MetaGraphDef["saverDef"];
  /** The largest constants, at most ten, the largest first. */
  readonly constants: readonly ConstantSummary[];
}

/** Maximum number of constants that are listed. */
const MAX_CONSTANTS = 10;

/**
 * Says what a meta graph holds: operations by type and device, collections, signatures, the saver, and the largest constants.
 *
 * @throws `DataLossError` if a signature is damaged.
 *
 * @example
 * ```ts
 * import { summarizeMetaGraph } from "@tfsaver/checkpoint-tools/meta-graph";
 * import { readMetaGraph } from "@tfsaver/meta-graph";
 *
 * const { operations, types } = summarizeMetaGraph(await readMetaGraph("run/model.ckpt-7.meta"));
 * console.log(operations, types[0]);
 * ```
 */
export function summarizeMetaGraph(metaGraph: MetaGraphDef): MetaGraphSummary {
  const nodes = metaGraph.graphDef?.node ?? [];
  const types = counts(nodes.map(({ op }) => op)).map(([type, count]) => ({ type, count }));
  const devices = counts(nodes.map(({ device }) => device)).map(([device, count]) => ({ device, count }));
  return {
    tensorflowVersion: metaGraph.metaInfoDef?.tensorflowVersion || undefined,
    tags: metaGraph.metaInfoDef?.tags ?? [],
    operations: nodes.length,
    types: types.sort((a, b) => b.count - a.count),
    devices,
    collections: byName(metaGraph.collectionDef).map(([key, def]) => collectionSummary(key, def)),
    signatures: byName(metaGraph.signatureDef).map(([key, bytes]) => signatureSummary(key, bytes)),
    saver: metaGraph.saverDef,
    constants: largestConstants(nodes),
  };
}

/** Counts equal texts, in the order of the texts. */
function counts(texts: readonly string[]): [text: string, count: number][] {
  const found = new Map<string, number>();
  for (const text of texts) found.set(text, (found.get(text) ?? 0) + 1);
  return byName(found);
}

function byName<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

function collectionSummary(key: string, def: CollectionDef): CollectionSummary {
  const kinds = {
    nodes: def.nodeList,
    messages: def.bytesList,
    integers: def.int64List,
    floats: def.floatList,
    any: def.anyList,
  } as const;
  for (const [kind, list] of Object.entries(kinds)) {
    if (list !== undefined) return { key, kind: kind as keyof typeof kinds, items: list.value.length };
  }
  return { key, kind: "empty", items: 0 };
}

function signatureSummary(key: string, bytes: Uint8Array): SignatureSummary {
  const { methodName, inputs, outputs } = SignatureDef.decode(bytes);
  const tensors = (map: ReadonlyMap<string, TensorInfo>) =>
    byName(map).map(([name, info]) => signatureTensor(name, info));
  return { key, method: methodName, inputs: tensors(inputs), outputs: tensors(outputs) };
}

function signatureTensor(key: string, { name, dtype, tensorShape }: TensorInfo): SignatureTensor {
  const shape = tensorShape === undefined ? undefined : shapeFromProto(tensorShape);
  return { key, name, dtype: dtypeName(dtype), shape };
}

function dtypeName(value: number): string | undefined {
  try {
    return dtypeFromEnum(value);
  } catch {
    return undefined;
  }
}

function largestConstants(nodes: readonly NodeDef[]): ConstantSummary[] {
  const constants: ConstantSummary[] = [];
  for (const { name, op, attr } of nodes) {
    const tensor = op === "Const" ? attr.get("value")?.tensor : undefined;
    if (tensor === undefined) continue;
    const shape = tensor.tensorShape === undefined ? [] : shapeFromProto(tensor.tensorShape);
    const dtype = dtypeName(tensor.dtype);
    if (shape === undefined || dtype === undefined || shape.some((dim) => dim < 0)) continue;
    const strings = tensor.stringVal.reduce((sum, { length }) => sum + length, 0);
    const { size } = dtypeInfo(dtypeFromEnum(tensor.dtype));
    constants.push({ name, dtype, shape, bytes: dtype === "string" ? strings : numElements(shape) * size });
  }
  return constants.sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1)).slice(0, MAX_CONSTANTS);
}
