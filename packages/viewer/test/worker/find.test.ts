import { MemoryStorage, type Storage } from "@tfsaver/storage";
import { NodeStorage } from "@tfsaver/storage/node";
import { describe, expect, it } from "vitest";
import { goldensFolder } from "../../../../fixtures/goldens.js";
import { findCheckpoints } from "../../src/worker/find/find-checkpoints.js";
import { objectPaths } from "../../src/worker/objects/object-paths.js";

const golden = (path: string) => `${goldensFolder}${path}`;

async function find(path: string, storage: Storage = new NodeStorage()) {
  const { checkpoints, chosen } = await findCheckpoints(path, storage, {});
  const last = (text: string) => text.slice(text.lastIndexOf("/") + 1);
  return { chosen: last(chosen), paths: checkpoints.map((one) => last(one.path)) };
}

describe("finding checkpoints", () => {
  it.each(["v2-with-meta", "v2-with-meta/checkpoint"])(
    "of the folder or state file %s finds all, and the latest",
    async (path) => {
      expect(await find(golden(path))).toEqual({
        chosen: "model.ckpt-7",
        paths: ["model.ckpt-5", "model.ckpt-6", "model.ckpt-7"],
      });
    },
  );

  it.each(["model.ckpt-5", "model.ckpt-5.index", "model.ckpt-5.data-00000-of-00001", "model.ckpt-5.meta"])(
    "by %s finds that one, and those beside it",
    async (name) => {
      expect(await find(golden(`v2-with-meta/${name}`))).toMatchObject({
        chosen: "model.ckpt-5",
        paths: ["model.ckpt-5", "model.ckpt-6", "model.ckpt-7"],
      });
    },
  );

  it("of a sharded V1 checkpoint finds the pattern of its shards", async () => {
    expect(await find(golden("v1-sharded"))).toMatchObject({ chosen: "model.ckpt-5-?????-of-00003" });
  });

  it("in nothing says so", async () => {
    await expect(find("", new MemoryStorage())).rejects.toThrow("What you opened has no files");
    await expect(find("missing", new MemoryStorage())).rejects.toMatchObject({ kind: "NotFoundError" });
  });
});

describe("paths of objects", () => {
  const node = (children: readonly (readonly [string, number])[], keys: readonly string[] = []) => ({
    children: children.map(([localName, nodeId]) => ({ localName, nodeId })),
    attributes: keys.map((checkpointKey) => ({ name: "VARIABLE_VALUE", fullName: "", checkpointKey })),
    slotVariables: [] as { originalVariableNodeId: number; slotName: string; slotVariableNodeId: number }[],
  });

  it("are the shortest ones, also in a graph with circles and with references to nothing", () => {
    const nodes = [
      node([
        ["a", 1],
        ["b", 2],
        ["lost", 99],
      ]),
      node([
        ["root", 0],
        ["inner", 2],
      ]),
      node([["up", 1]], ["k"]),
    ];
    expect(objectPaths({ nodes })).toEqual([{ key: "k", path: "b", graphName: "" }]);
  });

  it("of slots start with that of their variable", () => {
    const optimizer = node([]);
    optimizer.slotVariables.push({ originalVariableNodeId: 2, slotName: "m", slotVariableNodeId: 3 });
    const nodes = [
      node([
        ["opt", 1],
        ["v", 2],
      ]),
      optimizer,
      node([], ["k"]),
      node([], ["s"]),
    ];
    expect(objectPaths({ nodes }).map(({ path }) => path)).toEqual(["v", "v/m"]);
  });

  it("of a chain of objects stay within bounds", () => {
    const length = 50_000;
    const name = "n".repeat(100);
    const nodes = Array.from({ length }, (_, i) => node(i + 1 < length ? [[name, i + 1]] : [], [`k${i}`]));
    const total = objectPaths({ nodes }).reduce((sum, { path }) => sum + path.length, 0);
    expect(total).toBeLessThan(40_000_000);
  });
});
