import { checkpointExists } from "@tfsaver/checkpoint-files";
import { resolvePrefix, retryIfReplaced } from "@tfsaver/checkpoint-reader";
import { isCheckpointError, type OperationOptions, ValueError, type WarningListener } from "@tfsaver/core";
import { type GraphScopes, isSession, type Operation, type Session } from "@tfsaver/graph";
import { explainingFiles } from "@tfsaver/kept-checkpoints";
import type { Storage } from "@tfsaver/storage";
import type { CheckpointAccess } from "../access/checkpoint-access.js";
import type { RestoreTarget } from "../access/restore-targets.js";
import type { RestoreOptions } from "../options/saver-options.js";
import { explainMissing } from "./explain-missing.js";
import { explainRestoreError, explainUnsupported } from "./explain-restore-error.js";
import { type FallBackReport, fallBack, requireFitting } from "./fall-back.js";
import { contentOf, matchCheckpoint, type RestoreReport } from "./match-checkpoint.js";
import { objectBasedAccess } from "./object-based.js";

/** The parts of a saver that a restore works with. */
export interface RestoringParts {
  /**
   * Returns how the values are restored.
   *
   * @throws `RuntimeError` if the saver is not built.
   */
  readonly access: () => CheckpointAccess;
  readonly storage: Storage;
  readonly onWarning: WarningListener;
  readonly reshape: boolean;
  /** The scopes of the graph around the call, for operations that are added. */
  readonly scopes: GraphScopes;
  /** True if the session may be `null`. */
  readonly isEager: boolean;
}

/** One restore: of the wanted checkpoint, or of another one in its place. */
export class CheckpointRestore {
  constructor(
    private readonly session: Session | null,
    private readonly saver: RestoringParts,
    private readonly match: NonNullable<RestoreOptions["match"]>,
    private readonly run: OperationOptions,
  ) {}

  /**
   * Restores a checkpoint. If its files are the cause of an error, the error says what is wrong with them.
   *
   * @param savePath - a prefix, or a file of the checkpoint
   */
  async restore(savePath: string): Promise<RestoreReport | undefined> {
    const { path, isThere } = await this.#resolve(savePath);
    return this.#explaining(path, async () => {
      await this.#requireRestorable(path, isThere);
      if (this.match === "intersect") return this.#restoreMatching(path);
      await this.#restoreExactly(path);
      return undefined;
    });
  }

  /** Restores a checkpoint or, if its files are damaged or missing, the newest other one of the folder that fits. */
  async restoreOrFallBack(savePath: string): Promise<FallBackReport> {
    const { path } = await this.#resolve(savePath);
    const { storage, onWarning } = this.saver;
    const { signal } = this.run;
    const restore = (path: string, isWanted: boolean) => this.#restoreWithReport(path, isWanted);
    return this.#explaining(path, () => fallBack(path, { storage, onWarning, signal, restore }));
  }

  /**
   * Returns the prefix that a path means, and whether it is known that a checkpoint has it. If there is none, the path stays, for
   * TensorFlow's errors.
   */
  async #resolve(savePath: string): Promise<{ readonly path: string; readonly isThere: boolean }> {
    const { storage } = this.saver;
    if (await checkpointExists(savePath, { storage, version: 2, literal: true })) {
      return { path: savePath, isThere: true };
    }
    return { path: (await resolvePrefix(savePath, { storage })) ?? savePath, isThere: false };
  }

  #explaining<T>(path: string, restore: () => Promise<T>): Promise<T> {
    return explainingFiles(path, { storage: this.saver.storage, signal: this.run.signal }, restore);
  }

  async #requireRestorable(path: string, isThere = false): Promise<void> {
    const { storage, isEager } = this.saver;
    if (!isThere && !(await checkpointExists(path, { storage }))) {
      throw new ValueError(`The passed save_path is not a valid checkpoint: ${path}`, { path });
    }
    if (!isEager && !isSession(this.session)) throw new TypeError(`'sess' must be a Session; ${String(this.session)}`);
  }

  async #restoreExactly(path: string): Promise<void> {
    const access = this.saver.access();
    try {
      await retryIfReplaced(path, () => access.restore(this.session, path, this.run));
    } catch (error) {
      if (isCheckpointError(error, "UnimplementedError")) {
        throw explainUnsupported(error, access.unsupported(this.session, access.targets()));
      }
      const isMissing = isCheckpointError(error, "NotFoundError");
      const other = isMissing ? await objectBasedAccess(access, path, this.saver) : undefined;
      if (other === undefined)
        throw explainRestoreError(error, path, isMissing ? await this.#missing(path) : undefined);
      await other.restore(this.session, path, this.run);
    }
  }

  /** Explains which names a checkpoint lacks. Undefined if it lacks none, or if that can't be told. */
  async #missing(path: string): Promise<string | undefined> {
    const { access, storage } = this.saver;
    try {
      return explainMissing(access().targets(), (await contentOf(path, storage)).stored);
    } catch (error) {
      // The restore has failed already, with an error that says more.
      if (isCheckpointError(error)) return undefined;
      throw error;
    }
  }

  #restoreMatching(path: string, isWanted = true): Promise<RestoreReport> {
    return retryIfReplaced(path, () => this.#restoreMatchingOnce(path, isWanted));
  }

  async #restoreMatchingOnce(path: string, isWanted: boolean): Promise<RestoreReport> {
    const access = this.saver.access();
    const all = access.targets();
    const unsupported = access.unsupported(this.session, all);
    const supported = all.filter((target) => !unsupported.has(target));
    const { report, targets, keys } = await this.#matchWith(path, supported);
    if (!isWanted) requireFitting(report, this.match, path);
    if (targets.length === all.length && [...keys].every(([name, key]) => name === key)) {
      await access.restore(this.session, path, this.run);
    } else if (targets.length > 0) await access.restoreTargets(this.session, path, targets, keys, this.run);
    this.#warnOf(unsupported);
    return report;
  }

  #warnOf(unsupported: ReadonlyMap<RestoreTarget, Operation>): void {
    for (const [{ tensors }, { name, type }] of unsupported) {
      const keys = tensors.map((tensor) => `'${tensor.name}'`).join(", ");
      this.saver.onWarning(`${keys} is not restored: the session has no kernel for ${type} (operation '${name}')`);
    }
  }

  /** Restores one of the checkpoints that are tried. A checkpoint that does not fit is an error only if it is the wanted one. */
  async #restoreWithReport(path: string, isWanted: boolean): Promise<RestoreReport> {
    await this.#requireRestorable(path);
    if (this.match === "intersect") return this.#restoreMatching(path, isWanted);
    const { report } = await this.#matchWith(path, this.saver.access().targets());
    if (!isWanted) requireFitting(report, this.match, path);
    await this.#restoreExactly(path);
    return report;
  }

  #matchWith(path: string, targets: readonly RestoreTarget[]) {
    const { storage, reshape } = this.saver;
    return matchCheckpoint(targets, path, { storage, reshape });
  }
}
