import { quoteBytes } from "@tfsaver/checkpoint-tools/printing";
import { VariableDef } from "@tfsaver/proto/graph";
import type { CollectionDef } from "@tfsaver/proto/meta-graph";

/** Items of a collection that are listed. */
const MAX_ITEMS = 2000;
/** Bytes of a message that are shown if it has no name. */
const MAX_BYTES = 200;

/** Returns the items of a collection as text: nodes and variables by name, and others as they are. The rest is cut. */
export function collectionItems({ nodeList, bytesList, int64List, floatList, anyList }: CollectionDef): string[] {
  const messages = bytesList?.value ?? anyList?.value;
  if (messages !== undefined) return messages.slice(0, MAX_ITEMS).map(messageText);
  const others: readonly (string | bigint | number)[] = nodeList?.value ?? int64List?.value ?? floatList?.value ?? [];
  return others.slice(0, MAX_ITEMS).map(String);
}

/** Returns the name of a variable, which most messages are; or else the bytes. */
function messageText(bytes: Uint8Array): string {
  try {
    const { variableName, initializerName, unknownFields } = VariableDef.decode(bytes);
    if (variableName !== "" && initializerName !== "" && unknownFields === undefined) return variableName;
  } catch {
    // It is another message.
  }
  return quoteBytes(bytes.subarray(0, MAX_BYTES));
}
