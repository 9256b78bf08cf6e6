import { type DType, dtypeToEnum, type Shape } from "@tfsaver/core";
import { concatBytes, varintLength, writeVarint } from "@tfsaver/core/coding";
import { shapeToProto } from "@tfsaver/graph";
import { NodeDef, TensorProto } from "@tfsaver/proto/graph";

/** Numbers of protobuf fields, as tags of fields with a length. */
const TAGS = {
  graphNode: tag(1),
  nodeAttr: tag(5),
  mapKey: tag(1),
  mapValue: tag(2),
  attrTensor: tag(8),
  content: tag(4),
};

/** A node as it is stored: its first bytes, and behind them the content of a constant that is copied in pieces. */
export interface StoredNode {
  readonly head: Uint8Array;
  /** Bytes behind the head. */
  readonly contentBytes: number;
}

/** Encodes a node of a graph whole. */
export function storedNode(node: NodeDef): StoredNode {
  const bytes = NodeDef.encode(node);
  return { head: concatBytes([Uint8Array.of(TAGS.graphNode), varint(bytes.length), bytes]), contentBytes: 0 };
}

/**
 * Encodes a constant up to its content, which is the last field of the last message in it.
 *
 * @param node - the node without the attribute `value`
 */
export function storedConstant(node: NodeDef, dtype: DType, shape: Shape, contentBytes: number): StoredNode {
  const tensor = TensorProto.encode({ ...EMPTY_TENSOR, dtype: dtypeToEnum(dtype), tensorShape: shapeToProto(shape) });
  const key = new TextEncoder().encode("value");
  const start = NodeDef.encode(node);
  // From the inside out, because each message starts with its length.
  let head: Uint8Array = concatBytes([tensor, Uint8Array.of(TAGS.content), varint(contentBytes)]);
  const wrap = (field: number) => {
    head = concatBytes([Uint8Array.of(field), varint(head.length + contentBytes), head]);
  };
  wrap(TAGS.attrTensor);
  wrap(TAGS.mapValue);
  head = concatBytes([Uint8Array.of(TAGS.mapKey), varint(key.length), key, head]);
  wrap(TAGS.nodeAttr);
  head = concatBytes([start, head]);
  wrap(TAGS.graphNode);
  return { head, contentBytes };
}

function tag(field: number): number {
  return (field << 3) | 2;
}

function varint(value: number): Uint8Array {
  const bytes = new Uint8Array(varintLength(value));
  writeVarint(bytes, 0, value);
  return bytes;
}

const EMPTY_TENSOR: TensorProto = TensorProto.decode(new Uint8Array());
