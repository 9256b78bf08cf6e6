import { dataFilename, indexFilename } from "@tfsaver/checkpoint-names";
import type { DType } from "@tfsaver/core";
import { attr, Graph, type Operation, type Output, Variable } from "@tfsaver/graph";
import { readMetaGraph } from "@tfsaver/meta-graph";
import { VariableDef } from "@tfsaver/proto/graph";
import { importMetaGraph, Saver } from "@tfsaver/saver";
import { ReferenceVariableSaveable, SaveableObject } from "@tfsaver/saver-builders";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage, readFile, type Storage } from "@tfsaver/storage";
import { NodeStorage } from "@tfsaver/storage/node";
import { BundleReader } from "@tfsaver/tensor-bundle";
import { beforeEach, describe, expect, it } from "vitest";
import { goldenCheckpoints, goldenRecord, goldensFolder } from "../../../../fixtures/goldens.js";
import { filesIn, textOf } from "../../../../fixtures/storage-files.js";

const local = new NodeStorage();
const SAVED_FILES = [indexFilename, (prefix: string) => dataFilename(prefix, 0, 1)];

async function expectSameFile(ours: Storage, path: string, theirs: string): Promise<void> {
  const [a, b] = [await readFile(ours, path), await readFile(local, theirs)];
  expect(Buffer.compare(a, b), path).toBe(0);
}

/** A session that reads goldens from the disk and writes to memory, as one storage. */
class Overlay extends MemoryStorage {
  override open(path: string) {
    return path.startsWith(goldensFolder) ? local.open(path) : super.open(path);
  }

  override stat(path: string) {
    return path.startsWith(goldensFolder) ? local.stat(path) : super.stat(path);
  }
}

let storage: Overlay;
beforeEach(() => {
  storage = new Overlay();
});

async function openGolden(folder: string, meta: string) {
  const graph = new Graph();
  const saver = await importMetaGraph(await readMetaGraph(`${goldensFolder}${folder}/${meta}`), { graph, storage });
  if (saver === undefined) throw new Error("no saver");
  return { graph, saver, session: new LocalSession(graph, { storage }) };
}

describe("golden v2-with-meta", () => {
  it("is saved again byte for byte by its own saver, the checkpoint file included", async () => {
    const { saver, session } = await openGolden("v2-with-meta", "model.ckpt-7.meta");
    const states = goldenRecord("v2-with-meta").checkpoint_file_after_each_save as string[];
    for (const [index, state] of states.entries()) {
      const step = index + 1;
      // Only the last three goldens exist; the saver drops the others again.
      await saver.restore(session, `${goldensFolder}v2-with-meta/model.ckpt-${Math.max(step, 5)}`);
      expect(await saver.save(session, "model.ckpt", { globalStep: step })).toBe(`model.ckpt-${step}`);
      expect(await textOf(storage, "checkpoint")).toBe(state);
    }
    for (const step of [5, 6, 7]) {
      for (const file of SAVED_FILES) {
        const name = file(`model.ckpt-${step}`);
        await expectSameFile(storage, name, `${goldensFolder}v2-with-meta/${name}`);
      }
    }
    const names = await filesIn(storage);
    expect(names).toEqual([
      "checkpoint",
      ...[5, 6, 7].flatMap((step) =>
        ["data-00000-of-00001", "index", "meta"].map((end) => `model.ckpt-${step}.${end}`),
      ),
    ]);
  });

  it("keeps the meta graph byte for byte through import and save, apart from version stamps", async () => {
    const { saver, session } = await openGolden("v2-with-meta", "model.ckpt-7.meta");
    await saver.restore(session, `${goldensFolder}v2-with-meta/model.ckpt-7`);
    await saver.save(session, "again");
    const [ours, theirs] = await Promise.all([
      readMetaGraph("again.meta", { storage }),
      readMetaGraph(`${goldensFolder}v2-with-meta/model.ckpt-7.meta`),
    ]);
    const { tensorflowVersion, tensorflowGitVersion, ...info } = theirs.metaInfoDef ?? {};
    expect(tensorflowVersion).toBe("2.21.0");
    expect(tensorflowGitVersion).not.toBe("");
    expect(ours).toEqual({ ...theirs, metaInfoDef: { ...ours.metaInfoDef, ...info } });
  });
});

describe.each([
  ["resource-variables", "model.ckpt-2.meta", [1, 2], false],
  ["relative-paths", "model.ckpt-3.meta", [2, 3], true],
] as const)("golden %s", (folder, meta, steps, saveRelativePaths) => {
  it("is saved again byte for byte, the checkpoint file included", async () => {
    const { graph, saver: imported, session } = await openGolden(folder, meta);
    const saver = new Saver({ graph, storage, saveRelativePaths, saverDef: imported.asSaverDef() });
    for (const step of steps) {
      await saver.restore(session, `${goldensFolder}${folder}/model.ckpt-${step}`);
      await saver.save(session, "model.ckpt", { globalStep: step });
    }
    for (const name of ["checkpoint", ...steps.flatMap((step) => SAVED_FILES.map((of) => of(`model.ckpt-${step}`)))]) {
      await expectSameFile(storage, name, `${goldensFolder}${folder}/${name}`);
    }
  });
});

/** Saves variables in the given order; a saver would sort them by name. */
class InOrder extends SaveableObject {
  readonly #parts: readonly ReferenceVariableSaveable[];

  constructor(variables: readonly (readonly [string, Variable])[]) {
    const parts = variables.map(([name, variable]) => new ReferenceVariableSaveable(variable.handle, name));
    super(
      parts,
      parts.flatMap((part) => part.specs),
      "in order",
    );
    this.#parts = parts;
  }

  override restore(tensors: readonly Output[]): Operation {
    const done = this.#parts.map((part, i) => part.restore([tensors[i] as Output], undefined));
    const last = done.at(-1) as Operation;
    last.setControlInputs([...last.controlInputs, ...done.slice(0, -1)]);
    return last;
  }
}

const withoutMeta = goldenCheckpoints().filter(({ folder, prefix }) =>
  ["v2-all-dtypes/all", "v2-scalars-and-empty/model.ckpt", "v2-many-tensors/many"].includes(`${folder}/${prefix}`),
);

describe.each(withoutMeta)("golden $folder/$prefix", ({ path, tensors }) => {
  it("is saved again byte for byte from variables of a graph made here", async () => {
    const reader = await BundleReader.open(path);
    const entries = [];
    for await (const entry of reader.entries()) entries.push(entry);
    await reader.close();
    entries.sort((a, b) => a.offset - b.offset || a.size - b.size);

    const graph = new Graph();
    const variables = entries.map(
      ({ name, dtype, shape }, i) => [name, variableOf(graph, `v${i}`, dtype, shape)] as const,
    );
    expect(variables.map(([name]) => name).sort()).toEqual(Object.keys(tensors).sort());
    const saver = new Saver({ graph, storage, varList: [new InOrder(variables)] });
    const session = new LocalSession(graph, { storage });
    await saver.restore(session, path);
    await saver.save(session, "again", { writeMetaGraph: false });
    for (const file of SAVED_FILES) await expectSameFile(storage, file("again"), file(path));
  });
});

/** Adds a variable that gets its value only by restoring. */
function variableOf(graph: Graph, name: string, dtype: DType, shape: readonly number[]): Variable {
  graph.createOperation("VariableV2", { name, attrs: { dtype: attr.type(dtype), shape: attr.shape(shape) } });
  const output = `${name}:0`;
  return Variable.fromProto(
    graph,
    VariableDef.create({ variableName: output, initializerName: name, snapshotName: output }),
  );
}
