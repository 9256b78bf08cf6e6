import {
  diagnoseCheckpoint,
  OBJECT_GRAPH_KEY,
  objectGraphKeyMapping,
  openCheckpoint,
} from "@tfsaver/checkpoint-reader";
import { makeTensor } from "@tfsaver/core";
import { MemoryStorage } from "@tfsaver/storage";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { expect, test } from "vitest";
import { encodeMessage, type Field, messageField, numberField } from "../../../tools/fuzz/messages.js";
import { writeTable } from "../../../tools/fuzz/tables.js";

test("an index that claims two billion data files is opened, and only the needed files are accessed", async () => {
  const storage = new MemoryStorage();
  const header = encodeMessage([numberField(1, 2n ** 31n - 1n), messageField(3, numberField(1, 1n))]);
  const entry = encodeMessage([
    numberField(1, 1n),
    messageField(2),
    numberField(3, 2n ** 31n - 2n),
    numberField(5, 4n),
  ]);
  const file = await storage.create("x.index");
  await file.write([
    writeTable([
      { key: new Uint8Array(), value: header },
      { key: new TextEncoder().encode("w"), value: entry },
    ]),
  ]);
  await file.close();
  const reader = await openCheckpoint("x", { storage });
  const path = "x.data-2147483646-of-2147483647";
  await expect(reader.get("w")).rejects.toMatchObject({ kind: "NotFoundError", path });
  await reader.close();
  expect(await diagnoseCheckpoint("x", { storage })).toMatchObject([{ path, size: undefined, tensors: ["w"] }]);
});

test("an object graph with cycles is read", async () => {
  const storage = new MemoryStorage();
  const child = (node: bigint) => messageField(1, numberField(1, node));
  const text = (field: number, value: string): Field => ({
    number: field,
    wire: 2,
    value: new TextEncoder().encode(value),
  });
  const graph = encodeMessage([
    messageField(1, child(1n), child(0n), messageField(2, text(1, "VARIABLE_VALUE"), text(2, "w"), text(3, "key"))),
    messageField(1, child(0n), child(99n)),
  ]);
  const writer = new BundleWriter("x", { storage });
  await writer.add(OBJECT_GRAPH_KEY, makeTensor("string", [], [graph]));
  await writer.finish();
  const reader = await openCheckpoint("x", { storage });
  expect(await objectGraphKeyMapping(reader)).toEqual(new Map([["w", "key"]]));
  await reader.close();
});
