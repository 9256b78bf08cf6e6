import {
  isFullyDefined,
  MAX_RANK,
  numElements,
  type PartialShape,
  parseShapeAndSlice,
  sliceShape,
} from "@tfsaver/core";
import type { Attributes } from "../model/attributes.js";
import { shapeFromProto, shapeToProto } from "../model/shape-proto.js";
import { tensorFromProto } from "../model/tensor-proto.js";

/** The parts of an `Operation` that the shapes of its outputs depend on. */
interface ShapedOperation {
  readonly type: string;
  readonly attributes: Attributes;
  readonly inputs: readonly ShapedOutput[];
  readonly outputs: readonly ShapedOutput[];
}

interface ShapedOutput {
  readonly op: ShapedOperation;
  shape: PartialShape;
}

type ShapeFunction = (op: ShapedOperation) => PartialShape[];

const scalar: ShapeFunction = () => [[]];
const likeInput =
  (index: number): ShapeFunction =>
  (op) => [inputShape(op, index)];

/** Computes output shapes from inputs and attributes, for the operation types that variables and savers use. */
const SHAPE_FUNCTIONS: ReadonlyMap<string, ShapeFunction> = new Map(
  Object.entries({
    Assign: (op) => [
      op.attributes.bool("validate_shape") ? mergeShapes(inputShape(op, 0), inputShape(op, 1)) : inputShape(op, 1),
    ],
    AssignAdd: (op) => [mergeShapes(inputShape(op, 0), inputShape(op, 1))],
    AssignSub: (op) => [mergeShapes(inputShape(op, 0), inputShape(op, 1))],
    Cast: likeInput(0),
    ConcatV2: (op) => [concatenatedShape(op)],
    Const: (op) => [shapeFromProto(op.attributes.tensor("value").tensorShape ?? shapeToProto([]))],
    Identity: likeInput(0),
    IsVariableInitialized: scalar,
    LookupTableFindV2: likeInput(1),
    LookupTableSizeV2: scalar,
    MutableHashTableV2: scalar,
    Pack: (op) => {
      const first = inputShape(op, 0);
      return [first === undefined ? undefined : [op.inputs.length, ...first]];
    },
    Placeholder: (op) => [op.attributes.has("shape") ? op.attributes.shape("shape") : undefined],
    PlaceholderWithDefault: (op) => [op.attributes.shape("shape")],
    ReadVariableOp: (op) => [op.inputs[0] === undefined ? undefined : handleShape(op.inputs[0])],
    Reshape: (op) => [op.inputs[1] === undefined ? undefined : constantShape(op.inputs[1])],
    // A slice spec contains the shape; a whole tensor's shape is only known to the checkpoint.
    RestoreV2: (op) => sliceSpecs(op).map((spec) => partShape(spec)),
    Select: likeInput(1),
    Shape: (op) => {
      const shape = inputShape(op, 0);
      return [[shape === undefined ? -1 : shape.length]];
    },
    ShardedFilename: scalar,
    ShardedFilespec: scalar,
    Slice: (op) => [op.inputs[2] === undefined ? undefined : constantShape(op.inputs[2])],
    SplitV: splitShapes,
    StaticRegexFullMatch: likeInput(0),
    StringJoin: (op) => [
      op.inputs.map(({ shape }) => shape).find((shape) => shape === undefined || shape.length > 0) ?? [],
    ],
    VarHandleOp: scalar,
    VarIsInitializedOp: scalar,
    VariableV2: (op) => [op.attributes.shape("shape")],
  } satisfies Record<string, ShapeFunction>),
);

/** Sets the shapes of a new operation's outputs, as far as they are known. */
export function inferShapes(op: ShapedOperation): void {
  const shapes = SHAPE_FUNCTIONS.get(op.type)?.(op);
  for (const [index, output] of op.outputs.entries()) output.shape = shapes?.[index];
}

function inputShape(op: ShapedOperation, index: number): PartialShape {
  return op.inputs[index]?.shape;
}

function mergeShapes(a: PartialShape, b: PartialShape): PartialShape {
  if (a === undefined || b === undefined) return a ?? b;
  return a.map((dim, i) => (dim >= 0 ? dim : (b[i] ?? -1)));
}

/** Returns the shape of the variable behind a resource handle. */
function handleShape(handle: ShapedOutput): PartialShape {
  const source = throughIdentities(handle).op;
  return source.attributes.has("shape") ? source.attributes.shape("shape") : undefined;
}

function throughIdentities(output: ShapedOutput): ShapedOutput {
  let at = output;
  while (at.op.type === "Identity" && at.op.inputs[0] !== undefined) at = at.op.inputs[0];
  return at;
}

/** Reads a shape from a value that is known when the graph is built: a constant, or the shape of another output. */
function constantShape(output: ShapedOutput): PartialShape {
  const { op } = output;
  // A longer vector can't be a shape.
  if (op.type === "Const") return constantIntegers(output, MAX_RANK);
  if (op.type === "Shape") return op.inputs[0]?.shape;
  const length = output.shape;
  return isFullyDefined(length) && length.length === 1
    ? Array.from({ length: length[0] as number }, () => -1)
    : undefined;
}

/** Returns the integers of a constant, or `undefined` if it is none, or has more than `most`: they take long to decode. */
function constantIntegers({ op, shape }: ShapedOutput, most: number): number[] | undefined {
  if (op.type !== "Const" || numElements(shape ?? []) > most) return undefined;
  const { data } = tensorFromProto(op.attributes.tensor("value"));
  return Array.from(data as ArrayLike<number | bigint>, Number);
}

/** Computes the shape of `ConcatV2`, whose last input is the axis. */
function concatenatedShape({ inputs }: ShapedOperation): PartialShape {
  const shapes = inputs.slice(0, -1).map(({ shape }) => shape);
  const axisInput = inputs.at(-1);
  const axis = axisInput && constantIntegers(axisInput, 1)?.[0];
  const [first] = shapes;
  if (first === undefined || axis === undefined || shapes.some((shape) => shape?.length !== first.length)) {
    return undefined;
  }
  return first.map((size, d) => {
    const sizes = shapes.map((shape) => shape?.[d] ?? -1);
    if (d === (axis < 0 ? axis + first.length : axis)) {
      return sizes.includes(-1) ? -1 : sizes.reduce((sum, part) => sum + part, 0);
    }
    return sizes.find((known) => known >= 0) ?? size;
  });
}

/** Computes the shapes of `SplitV`, whose inputs are the value, the sizes of its parts (one can be -1), and the axis. */
function splitShapes({ inputs, outputs }: ShapedOperation): PartialShape[] {
  const [value, sizesInput, axisInput] = inputs;
  const shape = value?.shape;
  const given = axisInput && constantIntegers(axisInput, 1)?.[0];
  const axis = given !== undefined && given < 0 ? given + (shape?.length ?? 0) : given;
  const full = axis === undefined ? undefined : shape?.[axis];
  if (shape === undefined || axis === undefined || full === undefined) return outputs.map(() => undefined);
  const sizes = (sizesInput && constantIntegers(sizesInput, outputs.length)) ?? [];
  const rest = full < 0 ? -1 : full - sizes.reduce((sum, size) => sum + Math.max(size, 0), 0);
  return outputs.map((_, i) => {
    const size = sizes[i];
    return shape.with(axis, size === undefined ? -1 : size < 0 ? rest : size);
  });
}

/** Returns the slice specs of a restore operation, or `""` for each output if they are not constant. */
function sliceSpecs({ inputs, outputs }: ShapedOperation): string[] {
  const source = inputs[2]?.op;
  if (source?.type !== "Const" || numElements(inputs[2]?.shape ?? []) !== outputs.length) return outputs.map(() => "");
  const { data } = tensorFromProto(source.attributes.tensor("value"));
  return (data as readonly Uint8Array[]).map((bytes) => new TextDecoder().decode(bytes));
}

function partShape(spec: string): PartialShape {
  const part = parseShapeAndSlice(spec);
  return part && sliceShape(part.shape, part.slice);
}
