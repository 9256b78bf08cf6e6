import { constant } from "@tfsaver/graph";
import { exportMetaGraph } from "@tfsaver/saver";
import { describe, expect, it } from "vitest";
import { errorOf, filesIn, smallModel } from "../model.js";

/** Sizes of constants, of which the last makes the graph larger than 2 GiB. Their memory is zeros that nobody touches. */
const SIZES = { "one constant": [2 ** 31 + 5], "several constants": [2 ** 30, 2 ** 30, 2 ** 20] };

describe.each(Object.entries(SIZES))("a graph that is too large for one file, by %s,", (_, sizes) => {
  async function large() {
    const model = await smallModel();
    const content = new Uint8Array(Math.max(...sizes));
    for (const [i, size] of sizes.entries()) {
      const small = constant(new Uint8Array(2), { graph: model.graph, dtype: "uint8", name: `big${i}` });
      // Set here, because making the constant would look at every element.
      small.op.attributes.tensor("value").tensorContent = content.subarray(0, size);
    }
    return model;
  }

  it("stops a save before anything is written, and names the largest nodes and the way out", async () => {
    const { saver, session, storage } = await large();
    const error = await errorOf(() => saver.save(session, "m"));
    expect(error).toMatchObject({
      kind: "ValueError",
      path: "m.meta",
      message: expect.stringMatching(
        /GraphDef cannot be larger than 2GB.*big0 \(Const, \d+ bytes\).*writeMetaGraph: false/s,
      ),
    });
    expect(await filesIn(storage, ".")).toEqual([]);
    expect(await saver.save(session, "m", { writeMetaGraph: false })).toBe("m");
  });

  it("is not exported to a file", async () => {
    const { graph, storage } = await large();
    expect(await errorOf(() => exportMetaGraph({ graph, filename: "m.meta", storage }))).toMatchObject({
      kind: "ValueError",
      message: expect.stringContaining("big0"),
    });
    expect(await filesIn(storage, ".")).toEqual([]);
  });
});
