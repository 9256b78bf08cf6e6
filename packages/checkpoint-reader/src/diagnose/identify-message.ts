import { VarintReader } from "@tfsaver/core/coding";
import type { IdentifiedFile } from "./identified-file.js";

/** First bytes of fields: a number as field 1, and bytes as fields 1 and 2. */
const NUMBER_1 = 0x08;
const BYTES_1 = 0x0a;
const BYTES_2 = 0x12;

const SAVED_MODEL: IdentifiedFile = {
  kind: "saved-model",
  description: "the graph of a SavedModel (saved_model.pb): its checkpoint is variables/variables beside it",
};
const ONNX: IdentifiedFile = {
  kind: "other-model",
  description: "an ONNX model, not part of a TensorFlow checkpoint",
};
const GRAPH: IdentifiedFile = {
  kind: "graph",
  description: "a GraphDef, such as a frozen graph, not a meta graph or a checkpoint",
};
const META_GRAPH: IdentifiedFile = { kind: "meta-graph", description: "a meta graph (.meta), not a checkpoint" };

/** Tells protobuf messages by their first fields: a SavedModel, an ONNX model, a GraphDef, a meta graph. */
export function identifyMessage(head: Uint8Array): IdentifiedFile | undefined {
  const reader = new VarintReader(head, 1);
  try {
    if (head[0] === NUMBER_1) {
      const version = reader.next();
      if (reader.next() !== BYTES_2) return undefined;
      reader.next();
      if (version === 1) return head[reader.offset] === BYTES_1 ? SAVED_MODEL : undefined;
      return version <= 20 ? ONNX : undefined;
    }
    if (head[0] !== BYTES_1) return undefined;
    reader.next();
    // The first field of a node is its name, and the second its operation, such as Placeholder.
    const isNamed = head[reader.offset] === BYTES_1;
    if (isNamed) skipBytes(reader);
    if (head[reader.offset] !== BYTES_2) return undefined;
    const operation = textAt(head, reader);
    return isNamed && /^[A-Z]\w+$/.test(operation) ? GRAPH : operation.startsWith("\n") ? META_GRAPH : undefined;
  } catch {
    // The message ends within its first fields, so it is of another type.
    return undefined;
  }
}

function skipBytes(reader: VarintReader): void {
  reader.offset++;
  const length = reader.next();
  reader.offset += length;
}

function textAt(head: Uint8Array, reader: VarintReader): string {
  reader.offset++;
  const length = reader.next();
  return Array.from(head.subarray(reader.offset, reader.offset + length), (byte) => String.fromCharCode(byte)).join("");
}
