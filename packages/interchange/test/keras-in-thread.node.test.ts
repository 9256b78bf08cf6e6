import { tensorBytes } from "@tfsaver/core";
import { openKerasWeights } from "@tfsaver/interchange/keras-h5";
import { NodeStorage } from "@tfsaver/storage/node";
import { expect, it } from "vitest";
import { runInOwnProcess } from "../../../tests/own-process.js";
import { openKerasWeights as openInThread } from "../src/keras-h5/index.js";
import type { FileSource } from "../src/source/file-source.js";

/** Where the HDF5 library is found. */
const library = new URL("../node_modules", import.meta.url).pathname;
const folder = new URL("../../../fixtures/keras/", import.meta.url).pathname;

async function contentOf(source: FileSource): Promise<Map<string, string>> {
  const content = new Map<string, string>();
  for await (const { name, dtype, shape } of source.tensors()) {
    const bytes = Buffer.from(tensorBytes(await source.get(name))).toString("base64");
    content.set(name, `${dtype} [${shape}] ${bytes}`);
  }
  await source.close();
  return content;
}

it.each(["small.weights.h5", "small.keras"])(
  "the library without a worker reads %s as the one in a worker does",
  async (name) => {
    const storage = new NodeStorage();
    const [inWorker, inThread] = [
      await openKerasWeights(folder + name, { storage }),
      await openInThread(folder + name, { storage }),
    ];
    const expected = await contentOf(inWorker);
    expect(expected.size).toBeGreaterThan(0);
    expect(await contentOf(inThread)).toEqual(expected);
  },
);

it.each(["announced", "large-chunk", "links", "other-file"])(
  "%s.h5 is read or refused, and takes little",
  async (name) => {
    const source = `import { NodeStorage } from "@tfsaver/storage/node";
    import { isCheckpointError } from "@tfsaver/core";
    import { openKerasWeights } from "./packages/interchange/src/keras-h5/index.js";
    try {
      const source = await openKerasWeights(input, { storage: new NodeStorage() });
      for await (const { name } of source.tensors()) for await (const _ of source.stream(name));
      await source.close();
    } catch (error) {
      if (!isCheckpointError(error)) throw error;
    }
    console.log("done");`;
    expect(await runInOwnProcess(source, `${folder}hostile/${name}.h5`, library)).toContain("done");
  },
);

it("a closed file says so", async () => {
  const source = await openInThread(`${folder}small.weights.h5`, { storage: new NodeStorage() });
  await source.close();
  await expect(source.get("anything")).rejects.toMatchObject({ kind: "FailedPreconditionError" });
});
