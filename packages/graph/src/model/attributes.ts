import { type DType, dtypeFromEnum, dtypeToEnum, InvalidArgumentError, type PartialShape } from "@tfsaver/core";
import {
  type AttrValue,
  AttrValue_ListValue,
  type TensorProto,
  TensorShapeProto,
  TensorShapeProto_Dim,
} from "@tfsaver/proto/graph";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Makes attribute values (`AttrValue`) of plain ones. Integers and enums are checked only when they are encoded. */
export const attr = {
  type: (dtype: DType): AttrValue => ({ type: dtypeToEnum(dtype) }),
  types: (dtypes: readonly DType[]): AttrValue => list({ type: dtypes.map((dtype) => dtypeToEnum(dtype)) }),
  string: (text: string): AttrValue => ({ s: encoder.encode(text) }),
  strings: (texts: readonly string[]): AttrValue => list({ s: texts.map((text) => encoder.encode(text)) }),
  int: (value: number): AttrValue => ({ i: BigInt(value) }),
  bool: (value: boolean): AttrValue => ({ b: value }),
  shape: (shape: PartialShape): AttrValue => ({ shape: shapeToProto(shape) }),
  shapes: (shapes: readonly PartialShape[]): AttrValue => list({ shape: shapes.map(shapeToProto) }),
  tensor: (tensor: TensorProto): AttrValue => ({ tensor }),
};

function list(fields: Partial<AttrValue_ListValue>): AttrValue {
  return { list: AttrValue_ListValue.create(fields) };
}

/** A shape as a message; `undefined` becomes an unknown rank, `-1` stays an unknown size. */
export function shapeToProto(shape: PartialShape): TensorShapeProto {
  if (shape === undefined) return TensorShapeProto.create({ unknownRank: true });
  return TensorShapeProto.create({ dim: shape.map((size) => TensorShapeProto_Dim.create({ size })) });
}

/** The shape of a message: `undefined` if the rank is unknown, `-1` for an unknown size. */
export function shapeFromProto(proto: TensorShapeProto): PartialShape {
  return proto.unknownRank ? undefined : proto.dim.map(({ size }) => size);
}

/**
 * The attributes of an operation, read with the type that the reader knows them to have (`tf.Operation.get_attr`).
 * Every method but `has` throws `InvalidArgumentError` if the attribute is missing or of another type.
 */
export class Attributes {
  constructor(
    private readonly values: ReadonlyMap<string, AttrValue>,
    private readonly owner: string,
  ) {}

  /** A dtype; reference types give their base. */
  type(name: string): DType {
    return dtypeFromEnum(this.#get(name, "type"));
  }

  /** Bytes, as UTF-8 text. */
  string(name: string): string {
    return decoder.decode(this.#get(name, "s"));
  }

  /** An integer, rounded if it is beyond 2^53. */
  int(name: string): number {
    return Number(this.#get(name, "i"));
  }

  /** A truth value. */
  bool(name: string): boolean {
    return this.#get(name, "b");
  }

  /** A shape, as far as it is known. */
  shape(name: string): PartialShape {
    return shapeFromProto(this.#get(name, "shape"));
  }

  /** A tensor's message; see {@link tensorFromProto}. */
  tensor(name: string): TensorProto {
    return this.#get(name, "tensor");
  }

  /** A list of dtypes. */
  types(name: string): DType[] {
    return this.#get(name, "list").type.map(dtypeFromEnum);
  }

  /** Whether there is an attribute of this name, of whatever type. */
  has(name: string): boolean {
    return this.values.has(name);
  }

  #get<K extends keyof AttrValue>(name: string, kind: K): NonNullable<AttrValue[K]> {
    const value = this.values.get(name)?.[kind];
    if (value === undefined || value === null) {
      throw new InvalidArgumentError(`Operation ${this.owner} has no attribute '${name}' of kind '${kind}'`, {
        op: this.owner,
      });
    }
    return value as NonNullable<AttrValue[K]>;
  }
}
