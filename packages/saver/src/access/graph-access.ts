import { type OperationOptions, tensorStrings } from "@tfsaver/core";
import { type Graph, GraphKeys, type GraphScopes, Operation, type Session } from "@tfsaver/graph";
import type { SaverDef } from "@tfsaver/proto/saver";
import {
  type BaseSaverBuilder,
  BulkSaverBuilder,
  RenamedSaveable,
  type Saveable,
  type SaveableObject,
  saveablesOf,
  type VarList,
} from "@tfsaver/saver-builders";
import type { CommitOptions } from "@tfsaver/storage";
import { type CheckpointAccess, havingKeys, type TakenValues, type ValueSource } from "./checkpoint-access.js";
import { addPartialRestore } from "./partial-restore.js";
import { type GraphTarget, graphTargets } from "./restore-targets.js";
import { unsupportedTargets } from "./unsupported-targets.js";

/** Options of {@link GraphAccess}, from which it makes others like itself. */
export interface GraphAccessOptions {
  readonly graph: Graph;
  readonly varList: VarList | undefined;
  readonly builder: BaseSaverBuilder | undefined;
  readonly reshape: boolean | undefined;
}

/** Saves and restores through the operations of a graph that a `SaverDef` names. */
export class GraphAccess implements CheckpointAccess {
  /** Cached by their keys, so that restoring again adds nothing to the graph. */
  readonly #others = new Map<string, GraphAccess>();
  readonly #partial = new Map<string, Operation>();

  constructor(
    readonly saverDef: SaverDef,
    private readonly options: GraphAccessOptions,
  ) {}

  saveables(): readonly SaveableObject[] {
    const { varList, graph } = this.options;
    if (varList !== undefined) return saveablesOf(varList);
    // A table of an imported graph is only an operation, which does not tell how to save the table.
    return saveablesOf(allSaveables(graph).filter((value) => !(value instanceof Operation)));
  }

  take(source: ValueSource): TakenValues {
    return { ready: Promise.resolve(), save: (path, options) => this.#save(source, path, options) };
  }

  async #save(source: ValueSource, path: string, options: OperationOptions & CommitOptions): Promise<string> {
    const { saveTensorName, filenameTensorName } = this.saverDef;
    const prefix = await source.run(
      source.graph.output(saveTensorName),
      { [filenameTensorName]: path },
      { ...options, confine: { writes: path } },
    );
    return new TextDecoder().decode(tensorStrings(prefix)[0]);
  }

  async restore(session: Session, path: string, options: OperationOptions): Promise<void> {
    const { restoreOpName, filenameTensorName } = this.saverDef;
    await session.run(restoreOpName, { [filenameTensorName]: path }, { ...options, confine: {} });
  }

  targets(): readonly GraphTarget[] {
    return graphTargets(this.options.graph, this.saverDef);
  }

  unsupported(session: Session, targets: readonly GraphTarget[]): ReadonlyMap<GraphTarget, Operation> {
    return unsupportedTargets(session, targets);
  }

  async restoreTargets(
    session: Session,
    path: string,
    targets: readonly GraphTarget[],
    keys: ReadonlyMap<string, string>,
    options: OperationOptions,
  ): Promise<void> {
    const id = JSON.stringify([targets.map(({ op }) => op.name), ...keys]);
    const restore = this.#partial.get(id) ?? addPartialRestore(this.options.graph, targets, keys);
    this.#partial.set(id, restore);
    await session.run(restore, { [this.saverDef.filenameTensorName]: path }, { ...options, confine: {} });
  }

  withKeys(keys: ReadonlyMap<string, string>, scopes: GraphScopes): GraphAccess | undefined {
    const id = JSON.stringify([...keys].sort());
    const known = this.#others.get(id);
    if (known !== undefined) return known;
    const saveables = havingKeys(this.saveables(), keys);
    if (saveables.length === 0) return undefined;
    const { graph, reshape, builder = new BulkSaverBuilder() } = this.options;
    const { sharded } = this.saverDef;
    const saverDef = graph.withScopes(scopes, () =>
      builder.build(underKeys(saveables, keys), { graph, reshape, sharded }),
    );
    const made = new GraphAccess(saverDef, this.options);
    this.#others.set(id, made);
    return made;
  }
}

/** Returns the default of `varList`: all global variables and saveable objects of a graph. */
export function allSaveables(graph: Graph): Saveable[] {
  const { GLOBAL_VARIABLES, SAVEABLE_OBJECTS } = GraphKeys;
  return [...graph.collection(GLOBAL_VARIABLES), ...graph.collection(SAVEABLE_OBJECTS)] as Saveable[];
}

/** Returns the same saveables under other names. */
export function underKeys(saveables: readonly SaveableObject[], keys: ReadonlyMap<string, string>): VarList {
  // Keyed by number: the slices of a partitioned variable share a name, and a list would keep only one of them.
  return new Map(
    saveables.map((saveable, number) => [
      String(number).padStart(8, "0"),
      new RenamedSaveable(saveable, (name) => keys.get(name) ?? name),
    ]),
  );
}
