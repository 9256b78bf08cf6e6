import { type CheckDepth, CheckpointTransaction } from "@tfsaver/checkpoint-files";
import { META_GRAPH_SUFFIX, metaGraphFilename, STATE_FILENAME } from "@tfsaver/checkpoint-names";
import { type OperationOptions, ValueError, type WarningListener } from "@tfsaver/core";
import { type Graph, isSession, type Session, type SessionSnapshot } from "@tfsaver/graph";
import type { KeptCheckpoints } from "@tfsaver/kept-checkpoints";
import { requireStorableGraph } from "@tfsaver/meta-graph";
import { type SaverDef, SaverDef_CheckpointFormatVersion } from "@tfsaver/proto/saver";
import { createDirectories, dirname, type Storage } from "@tfsaver/storage";
import type { CheckpointAccess, TakenValues } from "../access/checkpoint-access.js";
import { type MeasureOptions, measured } from "../checkpoint-metrics.js";
import { exportMetaGraph } from "../meta-graph/export-meta-graph.js";
import type { SaveOptions, SaverOptions } from "../options/saver-options.js";
import { requireNoCollision, requireStateFilename, stepNumber, stepPath } from "./checkpoint-path.js";
import { explainSaveError } from "./explain-save-error.js";
import type { StagedSave, Turn } from "./save-queue.js";

const SKIP_CHECK = "Set `checkWritten: false` to skip this check.";

/** The parts of a saver that a save works with. */
export interface SavingParts {
  /** Undefined for an empty saver, which only writes the meta graph. */
  readonly access: CheckpointAccess | undefined;
  readonly kept: KeptCheckpoints;
  readonly measuring: MeasureOptions;
  readonly storage: Storage;
  readonly onWarning: WarningListener;
  /** Seconds since 1970. */
  readonly now: () => number;
  readonly options: SaverOptions;
  /** Returns the description of the saver that goes into the meta graph. */
  readonly saverDef: () => SaverDef | undefined;
}

const { V2 } = SaverDef_CheckpointFormatVersion;

const V1_WARNING =
  "Saving a checkpoint in the V1 format, which TensorFlow has deprecated: it takes more memory and time to restore. " +
  "Leave out `writeVersion` for V2.";

/**
 * One save: takes the values at once, then writes the checkpoint, then the state file and applies retention, then the meta
 * graph.
 */
export class CheckpointSave implements StagedSave {
  readonly taken: Promise<void>;
  readonly #snapshot: SessionSnapshot | undefined;
  readonly #values: TakenValues | undefined;
  readonly #run: OperationOptions;
  readonly #latestFilename: string;
  readonly #metaGraphSuffix: string;
  readonly #checkDepth: CheckDepth | undefined;

  constructor(
    private readonly session: Session | null,
    private readonly savePath: string,
    private readonly options: SaveOptions,
    private readonly saver: SavingParts,
  ) {
    this.#run = { signal: options.signal, onProgress: options.onProgress };
    this.#latestFilename = options.latestFilename ?? STATE_FILENAME;
    this.#metaGraphSuffix = options.metaGraphSuffix ?? META_GRAPH_SUFFIX;
    this.#checkDepth = checkDepth(saver.options.checkWritten);
    this.#requireValid();
    this.#snapshot = session?.snapshot?.();
    this.#values = saver.access?.take(this.#snapshot ?? session);
    this.taken = this.#values?.ready ?? Promise.resolve();
  }

  get signal(): AbortSignal | undefined {
    return this.#run.signal;
  }

  release(): void {
    this.#snapshot?.close();
  }

  /** Saves as `Saver.save` says. */
  commit(turn: Turn): Promise<string | undefined> {
    return measured(
      "save",
      this.saver.measuring,
      () => this.#save(turn),
      (saved) => saved,
    );
  }

  async #save(turn: Turn): Promise<string | undefined> {
    const { savePath } = this;
    const { globalStep } = this.options;
    const session = this.#snapshot ?? this.session;
    const step = globalStep === undefined ? undefined : await stepNumber(globalStep, session, this.#run);
    const { padStepNumber = false } = this.saver.options;
    const path = step === undefined ? savePath : stepPath(savePath, step, padStepNumber);
    try {
      return await this.#saveAs(path, step === undefined ? undefined : Number(step), turn);
    } catch (error) {
      throw await explainSaveError(error, savePath, this.saver.storage);
    }
  }

  #requireValid(): void {
    const { savePath, session } = this;
    const { access, onWarning, options } = this.saver;
    if (access !== undefined && access.saverDef.version !== V2) onWarning(V1_WARNING);
    requireStateFilename(this.#latestFilename);
    if (typeof savePath !== "string") throw new TypeError("Expected a string as savePath");
    // A sharded checkpoint has no file of the bare name.
    if (this.options.globalStep === undefined && !options.sharded) requireNoCollision(savePath, this.#latestFilename);
    if (options.eager === undefined && !isSession(session)) {
      throw new TypeError(`'sess' must be a Session; ${String(session)}`);
    }
  }

  async #saveAs(path: string, step: number | undefined, turn: Turn): Promise<string | undefined> {
    const { access, storage, onWarning, options } = this.saver;
    const { signal, writeState = true } = this.options;
    const { version, sharded } = access?.saverDef ?? { version: V2, sharded: false };
    const metaGraph = this.#metaGraphFile(path);
    if (metaGraph !== undefined) requireStorableGraph(metaGraph.graph, metaGraph.filename);
    if (options.createDirectories && access !== undefined) await createDirectories(storage, dirname(path));
    await turn.toLock();
    const transaction = await CheckpointTransaction.begin(
      { path, version: version === V2 ? 2 : 1, sharded },
      // As in TensorFlow, V2 creates the folder. In shards, that one level is the folder for the parts.
      {
        ...{ storage, signal, onWarning, lockTimeoutMs: options.lockTimeoutMs, beforeCommit: turn.toCommit },
        createFolder: access !== undefined && version === V2 && !sharded,
      },
    );
    turn.locked();
    try {
      const values = this.#values;
      const saved =
        values &&
        (await transaction.write((prefix) => values.save(prefix, { ...this.#run, ...transaction.commitOptions })));
      // A session on a server does not wait before it commits. The checkpoint is visible: there is no way back.
      await turn.earlierEnded;
      if (saved !== undefined && writeState) {
        if (this.#checkDepth !== undefined)
          await transaction.requireVisible(saved, this.#checkDepth, { signal, advice: SKIP_CHECK });
        await this.#remember(saved, path, step);
      }
      await this.#writeMetaGraph(path);
      await transaction.end();
      return saved;
    } catch (error) {
      throw await transaction.fail(error);
    }
  }

  /** Writes the state file, and applies retention. */
  #remember(saved: string, path: string, step: number | undefined): Promise<void> {
    const { kept, now, access } = this.saver;
    return kept.remember({
      record: { path: saved, time: now(), step, metrics: this.options.metrics ?? {} },
      isOwnPath: saved.startsWith(path) && dirname(saved) === dirname(path),
      directory: dirname(this.savePath),
      latestFilename: this.#latestFilename,
      metaGraphSuffix: this.#metaGraphSuffix,
      version: access?.saverDef.version ?? V2,
    });
  }

  /** Returns what the meta graph holds and where it is written, or undefined if it is not. */
  #metaGraphFile(path: string): { readonly graph: Graph; readonly filename: string } | undefined {
    const { session } = this;
    if (session === null || this.saver.options.eager !== undefined || this.options.writeMetaGraph === false)
      return undefined;
    return { graph: session.graph, filename: metaGraphFilename(path, this.#metaGraphSuffix) };
  }

  async #writeMetaGraph(path: string): Promise<void> {
    const file = this.#metaGraphFile(path);
    if (file === undefined) return;
    const { graph, filename } = file;
    const { storage, onWarning, saverDef } = this.saver;
    const { stripDefaultAttrs, saveDebugInfo } = this.options;
    const what = { graph, graphDef: graph.toGraphDef(true), saverDef: saverDef(), stripDefaultAttrs };
    await exportMetaGraph({ ...what, filename, saveDebugInfo, storage, onWarning });
  }
}

function checkDepth(checkWritten: SaverOptions["checkWritten"] = true): CheckDepth | undefined {
  if (typeof checkWritten === "boolean") return checkWritten ? "index" : undefined;
  if (checkWritten === "index" || checkWritten === "all") return checkWritten;
  throw new ValueError(`checkWritten must be "index", "all", true or false, not ${String(checkWritten)}`);
}
