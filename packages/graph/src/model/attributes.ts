import { type DType, dtypeFromEnum, dtypeToEnum, InvalidArgumentError, type PartialShape } from "@tfsaver/core";
import { type AttrValue, AttrValue_ListValue, type TensorProto } from "@tfsaver/proto/graph";
import { shapeFromProto, shapeToProto } from "./shape-proto.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Makes attribute values (`AttrValue`) from plain values. Ranges of integers and enums are checked when the graph is
 * encoded.
 *
 * @example
 * ```ts
 * import { attr, constant, Graph } from "@tfsaver/graph";
 *
 * const graph = new Graph();
 * const x = constant([1, 2], { graph });
 * const sum = graph.createOperation("AddV2", { inputs: [x, x], attrs: { T: attr.type("float32") } });
 * console.log(sum.outputs[0]?.dtype); // float32
 * ```
 */
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

/**
 * Reads the attributes of an operation, each as the type that the caller expects (`tf.Operation.get_attr`). Every method
 * but `has` throws `InvalidArgumentError` if the attribute is missing or of another type.
 *
 * @example
 * ```ts
 * import { Graph, placeholder } from "@tfsaver/graph";
 *
 * const { attributes } = placeholder("float32", { graph: new Graph(), shape: [-1, 3] }).op;
 * console.log(attributes.type("dtype"), attributes.shape("shape")); // float32 [ -1, 3 ]
 * ```
 */
export class Attributes {
  constructor(
    private readonly values: ReadonlyMap<string, AttrValue>,
    private readonly owner: string,
  ) {}

  /** Reads a dtype. Reference types give their base type. */
  type(name: string): DType {
    return dtypeFromEnum(this.#get(name, "type"));
  }

  /** Reads bytes as UTF-8 text. */
  string(name: string): string {
    return decoder.decode(this.#get(name, "s"));
  }

  /** Reads an integer. It is rounded if it is larger than 2^53. */
  int(name: string): number {
    return Number(this.#get(name, "i"));
  }

  /** Reads a boolean. */
  bool(name: string): boolean {
    return this.#get(name, "b");
  }

  /** Reads a shape, which may be partly unknown. */
  shape(name: string): PartialShape {
    return shapeFromProto(this.#get(name, "shape"));
  }

  /** Reads a tensor as a message; see {@link tensorFromProto}. */
  tensor(name: string): TensorProto {
    return this.#get(name, "tensor");
  }

  /** Reads a list of dtypes. */
  types(name: string): DType[] {
    return this.#get(name, "list").type.map(dtypeFromEnum);
  }

  /** True if there is an attribute of this name, of any type. */
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
