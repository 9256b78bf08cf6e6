import { shapesEqual, type Tensor } from "@tfsaver/core";
import { constant, type Graph, group, identity, type Operation, type Output } from "@tfsaver/graph";
import {
  BaseSaverBuilder,
  BulkSaverBuilder,
  restoreV2,
  type SaveableObject,
  type Shard,
  saveV2,
  tensorOf,
} from "@tfsaver/saver-builders";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage } from "@tfsaver/storage";
import { type BuilderSuiteOptions, builderSuite, type SaverBuilder } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";
import { Bfloat16SaverBuilder } from "../../../examples/custom-builder/src/bfloat16-saver-builder.js";

function suiteOf(createBuilder: () => SaverBuilder, options?: BuilderSuiteOptions) {
  return builderSuite(async () => {
    const storage = new MemoryStorage();
    await storage.createDirectory("/checkpoints");
    const openSession = (graph: Graph) => new LocalSession(graph, { storage });
    return { createBuilder, openSession, root: "/checkpoints" };
  }, options);
}

function specsOf(saveables: readonly SaveableObject[]) {
  const specs = saveables.flatMap((saveable) => saveable.specs);
  const what = { names: specs.map(({ name }) => name), slices: specs.map(({ sliceSpec }) => sliceSpec) };
  return { what, tensors: () => specs.map(tensorOf), dtypes: specs.map(({ dtype }) => dtype) };
}

function close(restored: Tensor, saved: Tensor): boolean {
  if (restored.dtype !== saved.dtype || !shapesEqual(restored.shape, saved.shape)) return false;
  if (saved.dtype !== "float32") return JSON.stringify(restored, bigints) === JSON.stringify(saved, bigints);
  const wanted = saved.data as Float32Array;
  return (restored.data as Float32Array).every((x, i) => Math.abs(x - (wanted[i] ?? 0)) <= Math.abs(x) / 100);
}

const bigints = (_: string, value: unknown) => (typeof value === "bigint" ? `${value}n` : value);

const good: Record<string, [() => SaverBuilder, BuilderSuiteOptions?]> = {
  BulkSaverBuilder: [() => new BulkSaverBuilder()],
  BaseSaverBuilder: [() => new BaseSaverBuilder()],
  "the builder of examples/custom-builder": [() => new Bfloat16SaverBuilder(), { equal: close }],
};

describe.each(Object.keys(good))("%s keeps the contract", (name) => {
  for (const { name: rule, run } of suiteOf(...(good[name] as [() => SaverBuilder]))) it(rule, run);
});

let counter = 0;

class DropsTheLast extends BulkSaverBuilder {
  protected override buildInternal(...[saveables, options]: Parameters<BaseSaverBuilder["buildInternal"]>) {
    return super.buildInternal(saveables.slice(0, -1), options);
  }
}

class SwapsTwo extends BulkSaverBuilder {
  protected override bulkRestore(filename: Output, saveables: readonly SaveableObject[]): readonly Output[] {
    const [first, second, ...rest] = super.bulkRestore(filename, saveables);
    if (first === undefined || second === undefined || first.dtype !== second.dtype) {
      return super.bulkRestore(filename, saveables);
    }
    return [second, first, ...rest];
  }
}

class IgnoresNames extends BulkSaverBuilder {
  protected override saveOp(filename: Output, saveables: readonly SaveableObject[]): Operation {
    const { what, tensors } = specsOf(saveables);
    return saveV2(filename, { ...what, names: what.names.map((_, i) => `t${i}`) }, tensors());
  }

  protected override bulkRestore(filename: Output, saveables: readonly SaveableObject[]): readonly Output[] {
    const { what, dtypes } = specsOf(saveables);
    return restoreV2(filename, { ...what, names: what.names.map((_, i) => `t${i}`) }, dtypes);
  }
}

class IgnoresSlices extends BulkSaverBuilder {
  protected override saveOp(filename: Output, saveables: readonly SaveableObject[]): Operation {
    const { what, tensors } = specsOf(saveables);
    const names = what.names.map((name, i) => (what.slices[i] === "" ? name : `${name}/${i}`));
    return saveV2(filename, { names, slices: names.map(() => "") }, tensors());
  }

  protected override bulkRestore(filename: Output, saveables: readonly SaveableObject[]): readonly Output[] {
    const { what, dtypes } = specsOf(saveables);
    const names = what.names.map((name, i) => (what.slices[i] === "" ? name : `${name}/${i}`));
    return restoreV2(filename, { names, slices: names.map(() => "") }, dtypes);
  }
}

class AddsOutside extends BulkSaverBuilder {
  protected override addFilename(graph: Graph, filename: string): Output {
    graph.withoutScopes(() => graph.createOperation("NoOp", { name: "mark" }));
    return super.addFilename(graph, filename);
  }
}

class NamesAtRandom extends BulkSaverBuilder {
  protected override addFilename(graph: Graph, filename: string): Output {
    constant("", { graph, name: `unique_${counter++}` });
    return super.addFilename(graph, filename);
  }
}

class IgnoresThePath extends BulkSaverBuilder {
  protected override addFilename(graph: Graph, filename: string): Output {
    return identity(constant(filename, { graph, name: "Const" }));
  }

  protected override addSaveOps(filename: Output, saveables: readonly SaveableObject[]): Output {
    const fixed = constant("/checkpoints/fixed", { graph: filename.graph });
    return filename.graph.withControlDependencies([this.saveOp(fixed, saveables)], () => identity(filename));
  }

  protected override bulkRestore(filename: Output, saveables: readonly SaveableObject[]): readonly Output[] {
    return super.bulkRestore(constant("/checkpoints/fixed", { graph: filename.graph }), saveables);
  }
}

class DoesNotWaitForSaving extends BulkSaverBuilder {
  protected override addSaveOps(filename: Output, saveables: readonly SaveableObject[]): Output {
    this.saveOp(filename, saveables);
    return identity(filename);
  }
}

class DoesNotWaitForRestoring extends BulkSaverBuilder {
  protected override addRestoreOps(...args: Parameters<BaseSaverBuilder["addRestoreOps"]>): Operation {
    super.addRestoreOps(...args);
    return group([], { graph: args[0].graph });
  }
}

class GivesAnotherPath extends BulkSaverBuilder {
  protected override addSaveOps(filename: Output, saveables: readonly SaveableObject[]): Output {
    const save = this.saveOp(filename, saveables);
    const suffix = constant("-saved", { graph: filename.graph });
    return filename.graph.withControlDependencies([save], () => {
      const op = filename.graph.createOperation("StringJoin", {
        inputs: [filename, suffix],
        attrs: { N: { i: 2n } },
      });
      return op.outputs[0] as Output;
    });
  }
}

class IgnoresReshape extends BulkSaverBuilder {
  protected override addRestoreOps(...[filename, saveables, options]: Parameters<BaseSaverBuilder["addRestoreOps"]>) {
    return super.addRestoreOps(filename, saveables, { ...options, reshape: false });
  }
}

class LosesAShard extends BulkSaverBuilder {
  protected override groupByDevices(saveables: readonly SaveableObject[]): Shard[] {
    return super.groupByDevices(saveables).slice(0, 1);
  }
}

class DescribesAnotherSaver extends BulkSaverBuilder {
  override build(...args: Parameters<BaseSaverBuilder["build"]>) {
    return { ...super.build(...args), restoreOpName: "save/restore_all:0" };
  }
}

class ForgetsLimits extends BulkSaverBuilder {
  override build(...args: Parameters<BaseSaverBuilder["build"]>) {
    return { ...super.build(...args), maxToKeep: 5 };
  }
}

class JoinsACollection extends BulkSaverBuilder {
  override build(...args: Parameters<BaseSaverBuilder["build"]>) {
    const def = super.build(...args);
    args[1]?.graph?.addToCollection("mine", def);
    return def;
  }
}

class ChangesVariables extends BulkSaverBuilder {
  override build(...args: Parameters<BaseSaverBuilder["build"]>) {
    const def = super.build(...args);
    for (const op of args[1]?.graph?.operations ?? []) if (op.type === "VariableV2") op.device = "/device:CPU:0";
    return def;
  }
}

class SavesTheFirstTwice extends BulkSaverBuilder {
  protected override saveOp(filename: Output, saveables: readonly SaveableObject[]): Operation {
    const { what, tensors } = specsOf(saveables);
    const all = tensors();
    return saveV2(
      filename,
      what,
      all.map((tensor) => {
        const alike = (other: Output) => other.dtype === tensor.dtype && `${other.shape}` === `${tensor.shape}`;
        return all.find(alike) ?? tensor;
      }),
    );
  }
}

class SavesNothingToo extends BulkSaverBuilder {
  override build(...[varList, options = {}]: Parameters<BaseSaverBuilder["build"]>) {
    const { graph } = options;
    const isEmpty = Array.isArray(varList) && varList.length === 0;
    if (!isEmpty || graph === undefined) return super.build(varList, options);
    return super.build([...(graph.collection("variables") as never[])], options);
  }
}

const broken: [new () => SaverBuilder, RegExp][] = [
  [DropsTheLast, /^restores the right value to each of many reference/],
  [SwapsTwo, /^restores the right value to each of many resource/],
  [SavesTheFirstTwice, /^restores the right value to each of many reference/],
  [IgnoresNames, /^restores a part of what was saved, by name/],
  [IgnoresSlices, /^saves partitioned resource variables as one tensor/],
  [AddsOutside, /^adds operations only within its name scope/],
  [NamesAtRandom, /^builds identical operations/],
  [IgnoresThePath, /^several checkpoints keep their values/],
  [DoesNotWaitForSaving, /^restores float32 reference variables/],
  [DoesNotWaitForRestoring, /^restores string resource variables/],
  [GivesAnotherPath, /^saving returns the path that was fed/],
  [IgnoresReshape, /^restores reference variables to another shape with reshape/],
  [LosesAShard, /^restores reference variables of several dtypes from shards/],
  [DescribesAnotherSaver, /^describes the saver/],
  [ForgetsLimits, /^describes the saver/],
  [JoinsACollection, /^leaves existing operations and collections/],
  [ChangesVariables, /^leaves existing operations and collections/],
  [SavesNothingToo, /^refuses an empty list/],
];

describe("a builder that breaks the contract", () => {
  it.each(broken.map(([kind, rule]) => [kind.name, kind, rule] as const))(
    "%s fails the suite",
    async (_, kind, rule) => {
      const failed: string[] = [];
      for (const { name, run } of suiteOf(() => new kind())) await run().catch(() => failed.push(name));
      expect(failed).toEqual(expect.arrayContaining([expect.stringMatching(rule)]));
    },
  );

  it("fails with the expected value", async () => {
    const [many] = suiteOf(() => new SwapsTwo()).filter(({ name }) =>
      /^restores the right value to each of many resource/.test(name),
    );
    await expect(many?.run()).rejects.toMatchObject({
      name: "ContractError",
      message: "restored: v0:0 is float32[2] 24, 64 but should be float32[2] 2, 8",
    });
  });

  it("closes its sessions and cleans up", async () => {
    const ends: string[] = [];
    const suite = builderSuite(async () => {
      const storage = new MemoryStorage();
      const openSession = (graph: Graph) => {
        const session = new LocalSession(graph, { storage });
        const close = () => session.close().then(() => void ends.push("close"));
        return Object.assign(Object.create(session), { graph, run: session.run.bind(session), close });
      };
      const cleanup = async () => void ends.push("cleanup");
      return { createBuilder: () => new DoesNotWaitForRestoring(), openSession, root: "/", cleanup };
    });
    await expect(suite[0]?.run()).rejects.toMatchObject({ name: "ContractError" });
    expect(ends).toEqual(["close", "close", "cleanup"]);
  });
});
