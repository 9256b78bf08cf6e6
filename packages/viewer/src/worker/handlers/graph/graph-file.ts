import { metaGraphFilename, savedModelFilename } from "@tfsaver/checkpoint-names";
import { DataLossError, NotFoundError } from "@tfsaver/core";
import { readMetaGraph } from "@tfsaver/meta-graph";
import { FunctionDef, FunctionDefLibrary } from "@tfsaver/proto/graph";
import { MetaGraphDef } from "@tfsaver/proto/meta-graph";
import { SavedModel } from "@tfsaver/proto/saved-model/decode";
import { readFile, type Storage } from "@tfsaver/storage";
import type { FunctionSummary, GraphPart } from "../../../model/graph/graph-listing.js";
import { functionNodes } from "./function-nodes.js";
import { type SortedGraph, sortGraph } from "./list-graph.js";

/** A file with graphs. */
export interface FoundGraph {
  readonly file: string;
  /** Size in bytes. */
  readonly size: number;
}

/** Finds the graph of a checkpoint: its `.meta` file, or the `saved_model.pb` of its SavedModel. */
export async function findGraph(path: string, storage: Storage): Promise<FoundGraph | undefined> {
  for (const file of [metaGraphFilename(path), savedModelFilename(path)]) {
    const found = file === undefined ? undefined : await storage.stat(file);
    if (file !== undefined && found?.kind === "file") return { file, size: found.size };
  }
  return undefined;
}

/** A meta graph with its functions. */
interface Library {
  readonly metaGraph: MetaGraphDef;
  /** By name. */
  readonly functions: ReadonlyMap<string, FunctionDef>;
  readonly damagedFunctions: number;
}

/** The graphs of a file: each meta graph, and its functions. */
export class GraphFile {
  readonly #libraries = new Map<number, Library>();

  private constructor(
    readonly path: string,
    readonly storage: Storage,
    private readonly metaGraphs: readonly MetaGraphDef[],
  ) {}

  /** @throws `DataLossError` if the file holds no graph. */
  static async open(path: string, storage: Storage): Promise<GraphFile> {
    if (!path.endsWith(".pb")) return new GraphFile(path, storage, [await readMetaGraph(path, { storage })]);
    const bytes = await readFile(storage, path);
    const metaGraphs = decoding(path, () => SavedModel.decode(bytes).metaGraphs.map((one) => MetaGraphDef.decode(one)));
    if (metaGraphs.length === 0) throw new DataLossError(`${path} has no graph: copy it again`, { path });
    return new GraphFile(path, storage, metaGraphs);
  }

  /** The tags of each meta graph. */
  get tags(): readonly (readonly string[])[] {
    return this.metaGraphs.map(({ metaInfoDef }) => metaInfoDef?.tags ?? []);
  }

  /** Returns a meta graph with its functions. Throws `NotFoundError` if there is none of this number. */
  library(number: number): Library {
    const metaGraph = this.metaGraphs[number];
    if (metaGraph === undefined) {
      throw new NotFoundError(`${this.path} has no meta graph ${number + 1}`, { path: this.path });
    }
    const library = this.#libraries.get(number) ?? libraryOf(metaGraph, this.path);
    this.#libraries.set(number, library);
    return library;
  }

  /** Lists the functions of a meta graph, those with the most operations first. */
  functions(number: number): FunctionSummary[] {
    return [...this.library(number).functions]
      .map(([name, { nodeDef }]) => ({ name, operations: nodeDef.length }))
      .sort((a, b) => b.operations - a.operations);
  }

  /** Returns a graph of the file. Throws `NotFoundError` if there is none. */
  sorted({ metaGraph: number, functionName }: GraphPart): SortedGraph {
    const { metaGraph, functions } = this.library(number);
    if (functionName === undefined) return sortGraph(metaGraph);
    const found = functions.get(functionName);
    if (found === undefined) {
      throw new NotFoundError(`${this.path} has no function ${functionName}`, { path: this.path });
    }
    const empty = MetaGraphDef.decode(new Uint8Array());
    return sortGraph({ ...empty, graphDef: { node: functionNodes(found), version: 0 } });
  }
}

function libraryOf(metaGraph: MetaGraphDef, path: string): Library {
  const functions = new Map<string, FunctionDef>();
  const { library } = metaGraph.graphDef ?? {};
  if (library === undefined) return { metaGraph, functions, damagedFunctions: 0 };
  let damagedFunctions = 0;
  for (const bytes of decoding(path, () => FunctionDefLibrary.decode(library)).function) {
    try {
      const definition = FunctionDef.decode(bytes);
      functions.set(definition.signature?.name ?? "", definition);
    } catch {
      damagedFunctions++;
    }
  }
  return { metaGraph, functions, damagedFunctions };
}

function decoding<T>(path: string, decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    throw new DataLossError(
      `${path} can't be read: ${(cause as Error).message}. It is damaged, or its end is missing: copy it again`,
      { path, cause },
    );
  }
}
