import { readFileSync } from "node:fs";
import { MemoryStorage, readFile } from "@tfsaver/storage";
import { expect, test } from "vitest";
import { expectedForm, goldenCheckpoints } from "../../../fixtures/goldens.js";
import { LocalSession } from "../src/index.js";
import { importMetaFile } from "./meta-files.js";

const PARTS = [".index", ".data-00000-of-00001"];
const checkpoints = [...goldenCheckpoints("v2-with-meta"), ...goldenCheckpoints("resource-variables")];

/** A store with the files of a checkpoint under the prefix `golden`. */
async function storageWith(path: string): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  for (const part of PARTS) {
    const file = await storage.create(`golden${part}`);
    await file.write([readFileSync(path + part)]);
    await file.close();
  }
  return storage;
}

test.for(checkpoints.map((golden) => [`${golden.folder}/${golden.prefix}`, golden] as const))(
  "%s is initialised, restored, and saved with the bytes that TensorFlow saved",
  async ([, golden]) => {
    const { graph, saverDef } = importMetaFile(`${golden.path}.meta`);
    const { filenameTensorName = "", saveTensorName = "", restoreOpName = "" } = saverDef ?? {};
    const storage = await storageWith(golden.path);
    const session = new LocalSession(graph, { storage });

    expect(await session.run("init")).toBeNull();
    expect(await session.run(restoreOpName, { [filenameTensorName]: "golden" })).toBeNull();

    // The variables' operations have the names of the checkpoint's tensors.
    const variables = Object.keys(golden.tensors);
    const values = await session.run(
      variables.map((variable) => {
        const op = graph.operation(variable);
        if (op.type === "VariableV2") return `${variable}:0` as const;
        const read = graph.operations.find(({ type, inputs }) => type === "ReadVariableOp" && inputs[0]?.op === op);
        return `${read?.name}:0` as const;
      }),
    );
    expect(
      Object.fromEntries(
        variables
          .map((variable, i) => [variable, values[i]])
          .map(([key, tensor]) => [key, expectedForm(tensor as never)]),
      ),
    ).toMatchObject(golden.tensors);

    await session.run(saveTensorName, { [filenameTensorName]: "saved" });
    for (const part of PARTS)
      expect(await readFile(storage, `saved${part}`)).toEqual(await readFile(storage, `golden${part}`));
  },
);
