import type { Graph } from "@tfsaver/graph";
import { exportMetaGraph } from "@tfsaver/meta-graph";
import { MetaGraphDef } from "@tfsaver/proto/meta-graph";
import { SaverDef } from "@tfsaver/proto/saver";
import { Saver, type SaverOptions } from "@tfsaver/saver";
import { BaseSaverBuilder, type NamedSaveable, type VarList } from "@tfsaver/saver-builders";
import { expect } from "vitest";
import { Bfloat16SaverBuilder } from "../../examples/custom-builder/src/bfloat16-saver-builder.js";
import type { Oracle } from "./oracle.js";

/** Options of a saver under TensorFlow's names, and the scopes in which it is created. */
export interface SaverConfig {
  readonly name?: string;
  readonly filename?: string;
  readonly reshape?: boolean;
  readonly max_to_keep?: number;
  readonly keep_checkpoint_every_n_hours?: number;
  readonly restore_sequentially?: boolean;
  readonly sharded?: boolean;
  readonly write_version?: number;
  /** Indexes of the saved variables, by name in the checkpoint. */
  readonly names?: Record<string, number>;
  readonly list?: number[];
  readonly scope?: string;
  readonly device?: string;
  /** True to create it with a control dependency on a new operation. */
  readonly control?: boolean;
  readonly defer_build?: boolean;
  readonly base_builder?: boolean;
  /** The builder of examples/custom-builder. */
  readonly bfloat16_builder?: boolean;
}

/** A MetaGraphDef and SaverDefs in base64. */
export interface WithSavers {
  readonly whole: string;
  readonly saver_defs: string[];
}

/** Runs `build` in a name scope, if one is given. */
export function inScope<T>(graph: Graph, scope: string | undefined, build: () => T): T {
  return scope === undefined ? build() : graph.withNameScope(scope, build);
}

/** Adds a saver of some of the saveables. */
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

/** Expects a graph and its savers to be equal to those that TensorFlow built. */
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
  // Equal texts can have bytes in another order.
  expect(stripStamps(ours)).toBe(stripStamps(built.whole));
}

function stripStamps(base64: string): string {
  const metaGraph = MetaGraphDef.decode(Buffer.from(base64, "base64"));
  Object.assign(metaGraph.metaInfoDef as object, { tensorflowVersion: "", tensorflowGitVersion: "" });
  return Buffer.from(MetaGraphDef.encode(metaGraph)).toString("base64");
}
