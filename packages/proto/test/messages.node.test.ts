import { GraphDef, TensorProto } from "@tfsaver/proto/graph";
import { describe, expect, it } from "vitest";

describe("values that the package returns in Node.js", () => {
  it("contain no Buffer and no Long", () => {
    const bytes = TensorProto.encode(
      TensorProto.create({ tensorContent: Buffer.from([1, 2]), int64Val: [1n], stringVal: [Buffer.from("x")] }),
    );
    expect(bytes.constructor).toBe(Uint8Array);
    const message = TensorProto.decode(Buffer.from(bytes));
    expect(message.tensorContent.constructor).toBe(Uint8Array);
    expect(message.stringVal[0]?.constructor).toBe(Uint8Array);
    expect(message.int64Val).toEqual([1n]);
  });

  it("have unknown fields that are separate Uint8Arrays", () => {
    const { unknownFields } = GraphDef.decode(Buffer.from("a00601", "hex"));
    expect(unknownFields?.[0]?.constructor).toBe(Uint8Array);
  });
});
