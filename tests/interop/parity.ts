import type { Graph } from "@tfsaver/graph";
import { exportMetaGraph } from "@tfsaver/meta-graph";
import { MetaGraphDef } from "@tfsaver/proto/meta-graph";
import { SaverDef } from "@tfsaver/proto/saver";
import { Saver, type SaverOptions } from "@tfsaver/saver";
import { BaseSaverBuilder, type NamedSaveable, type VarList } from "@tfsaver/saver-builders";
import { expect } from "vitest";
import { Bfloat16SaverBuilder } from "../../examples/custom-builder/src/bfloat16-saver-builder.js";
import type { Oracle } from "./oracle.js";

/** Options of a saver as TensorFlow spells them, and what stands around it. */
export interface SaverConfig {
  readonly name?: string;
  readonly filename?: string;
  readonly reshape?: boolean;
  readonly max_to_keep?: number;
  readonly keep_checkpoint_every_n_hours?: number;
  readonly restore_sequentially?: boolean;
  readonly sharded?: boolean;
  readonly write_version?: number;
  /** What is saved, by the names to save them under. */
  readonly names?: Record<string, number>;
  readonly list?: number[];
  readonly scope?: string;
  readonly device?: string;
  /** Within control dependencies, on an operation that is made for it. */
  readonly control?: boolean;
  readonly defer_build?: boolean;
  readonly base_builder?: boolean;
  /** The builder of examples/custom-builder. */
  readonly bfloat16_builder?: boolean;
}

/** Base64 of a MetaGraphDef and of SaverDefs. */
export interface WithSavers {
  readonly whole: string;
  readonly saver_defs: string[];
}

/** Runs `build` in a name scope, if one is given. */
export function inScope<T>(graph: Graph, scope: string | undefined, build: () => T): T {
  return scope === undefined ? build() : graph.withNameScope(scope, build);
}

/** Adds a saver of some of the things that were made. */
export function makeSaver(graph: Graph, made: readonly NamedSaveable[], config: SaverConfig): Saver {
  const { names, list } = config;
  const pick = (index: number) => made[index] as NamedSaveable;
  const options: SaverOptions = {
    graph,
    name: config.name,
    filename: config.filename,
    reshape: config.reshape,
    maxToKeep: config.max_to_keep,
    keepCheckpointEveryNHours: config.keep_checkpoint_every_n_hours,
    restoreSequentially: config.restore_sequentially,
    sharded: config.sharded,
    writeVersion: config.write_version,
    deferBuild: config.defer_build,
    builder: builderOf(config),
    varList: names
      ? Object.fromEntries(Object.entries(names).map(([name, index]) => [name, pick(index)]))
      : (list?.map(pick) as VarList | undefined),
  };
  const before = config.control ? [graph.createOperation("NoOp", { name: "earlier" })] : [];
  return inScope(graph, config.scope, () =>
    graph.withDevice(config.device ?? "", () =>
      graph.withControlDependencies(before, () => {
        const saver = new Saver(options);
        if (config.defer_build) saver.build();
        return saver;
      }),
    ),
  );
}

function builderOf({ base_builder, bfloat16_builder }: SaverConfig): BaseSaverBuilder | undefined {
  if (bfloat16_builder) return new Bfloat16SaverBuilder();
  return base_builder ? new BaseSaverBuilder() : undefined;
}

/** Expects of a graph, and the savers that were added to it, that they are those that TensorFlow made. */
export async function expectSame(
  oracle: Oracle,
  graph: Graph,
  made: readonly Saver[],
  built: WithSavers,
): Promise<void> {
  const defs = made.map((saver) => saver.asSaverDef() as SaverDef);
  expect(defs).toEqual(built.saver_defs.map((def) => SaverDef.decode(Buffer.from(def, "base64"))));
  const whole = exportMetaGraph({ graph, saverDef: defs.at(-1) });
  const ours = Buffer.from(MetaGraphDef.encode(whole)).toString("base64");
  expect(await oracle.ask("diff_meta", { ours, theirs: built.whole })).toEqual([]);
  // Equal text could still hide another order on the wire.
  expect(stripStamps(ours)).toBe(stripStamps(built.whole));
}

function stripStamps(base64: string): string {
  const metaGraph = MetaGraphDef.decode(Buffer.from(base64, "base64"));
  Object.assign(metaGraph.metaInfoDef as object, { tensorflowVersion: "", tensorflowGitVersion: "" });
  return Buffer.from(MetaGraphDef.encode(metaGraph)).toString("base64");
}
