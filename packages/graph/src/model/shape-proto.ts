import type { PartialShape } from "@tfsaver/core";
import { TensorShapeProto, TensorShapeProto_Dim } from "@tfsaver/proto/graph";

/**
 * Converts a shape to a message. `undefined` becomes an unknown rank; `-1` stays an unknown size.
 *
 * @example
 * ```ts
 * import { shapeToProto } from "@tfsaver/graph";
 *
 * console.log(shapeToProto([-1, 3]).dim.map(({ size }) => size)); // [ -1, 3 ]
 * console.log(shapeToProto(undefined).unknownRank); // true
 * ```
 */
export function shapeToProto(shape: PartialShape): TensorShapeProto {
  if (shape === undefined) return TensorShapeProto.create({ unknownRank: true });
  return TensorShapeProto.create({ dim: shape.map((size) => TensorShapeProto_Dim.create({ size })) });
}

/**
 * Converts a message to a shape: `undefined` for an unknown rank, `-1` for an unknown size.
 *
 * @example
 * ```ts
 * import { shapeFromProto, shapeToProto } from "@tfsaver/graph";
 *
 * console.log(shapeFromProto(shapeToProto([-1, 3]))); // [ -1, 3 ]
 * ```
 */
export function shapeFromProto(proto: TensorShapeProto): PartialShape {
  return proto.unknownRank ? undefined : proto.dim.map(({ size }) => size);
}
