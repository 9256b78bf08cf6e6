import {
  type CheckpointReader,
  type NamedTensor,
  objectGraphKeyMapping,
  similarNames,
  type TensorInfo,
} from "@tfsaver/checkpoint-reader";
import {
  dtypeFromEnum,
  dtypeToEnum,
  formatShape,
  InvalidArgumentError,
  isFullyDefined,
  MAX_RANK,
  NotFoundError,
  type OperationOptions,
  type Shape,
  shapesEqual,
  sliceShape,
  type TensorSlice,
} from "@tfsaver/core";
import { shapeFromProto } from "@tfsaver/graph";
import type { NodeDef } from "@tfsaver/proto/graph";
import type { FrozenValue } from "./scope.js";
import { isVariable, type VariableKey } from "./variable-keys.js";

/** A variable that becomes a constant. */
export interface FrozenVariable {
  readonly value: FrozenValue;
  readonly info: TensorInfo;
  readonly key: string;
  /** The part of a partitioned variable. */
  readonly slice: TensorSlice | undefined;
}

/**
 * Finds the variables among the nodes, and their tensors in the checkpoint.
 *
 * @param keys - the names under which savers restore variables
 * @throws `NotFoundError` if the checkpoint lacks one; `InvalidArgumentError` if dtype or shape differ.
 */
export async function findVariables(
  nodes: readonly NodeDef[],
  keys: ReadonlyMap<string, VariableKey>,
  reader: CheckpointReader,
  options: OperationOptions,
): Promise<Map<NodeDef, FrozenVariable>> {
  const objects = await objectGraphKeyMapping(reader, options);
  const found = new Map<NodeDef, FrozenVariable>();
  for (const node of nodes.filter(isVariable)) {
    const { name, attr, op } = node;
    const sharedName = new TextDecoder().decode(attr.get("shared_name")?.s);
    const candidates: VariableKey[] = [
      ...(keys.has(name) ? [keys.get(name) as VariableKey] : []),
      ...[name, sharedName, objects?.get(name) ?? ""].map((key) => ({ key, part: undefined })),
    ];
    let variable: FrozenVariable | undefined;
    for (const { key, part } of candidates) {
      const info = key === "" ? undefined : await reader.info(key, options);
      if (info === undefined) continue;
      const shape = part === undefined ? info.shape : sliceShape(info.shape, part.slice);
      const value = { variable: name, type: attr.get("dtype")?.type ?? 0, shape, isRef: op !== "VarHandleOp" };
      variable = { value, info, key, slice: part?.slice };
      requireSame(node, variable, reader.prefix);
      break;
    }
    found.set(node, variable ?? (await missing(name, reader)));
  }
  return found;
}

function requireSame({ name, attr }: NodeDef, { value, info }: FrozenVariable, prefix: string): void {
  const declared = attr.get("shape")?.shape;
  const shape = declared && shapeFromProto(declared);
  const fits = shape === undefined || !isFullyDefined(shape) || shapesEqual(shape, value.shape);
  if (value.type === dtypeToEnum(info.dtype) && fits) return;
  throw new InvalidArgumentError(
    `The variable ${name} is ${dtypeText(value.type)} ${shape === undefined ? "" : shapeText(shape)}, and ${prefix} has ` +
      `${info.dtype} ${formatShape(value.shape)} under ${info.name}`,
    { tensor: info.name },
  );
}

function dtypeText(value: number): string {
  try {
    return dtypeFromEnum(value);
  } catch {
    return `the unknown dtype ${value}`;
  }
}

function shapeText(shape: Shape): string {
  return shape.length > MAX_RANK ? `[] of ${shape.length} dimensions` : formatShape(shape);
}

async function missing(name: string, reader: CheckpointReader): Promise<never> {
  const known: NamedTensor[] = [];
  for await (const info of reader.tensors()) known.push(info);
  const [similar] = similarNames({ name }, known);
  const proposal = similar === undefined ? "" : `; it has ${similar.name}`;
  throw new NotFoundError(`The checkpoint ${reader.prefix} has no value for the variable ${name}${proposal}`, {
    tensor: name,
  });
}
