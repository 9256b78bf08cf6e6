import { checkpointExists } from "@tfsaver/checkpoint-state";
import { isCheckpointError, type OperationOptions, ValueError, type WarningListener } from "@tfsaver/core";
import { isSession, type Session } from "@tfsaver/graph";
import type { Storage } from "@tfsaver/storage";
import type { CheckpointAccess } from "./checkpoint-access.js";
import { isOfFiles, withExplanation } from "./explain-checkpoint.js";
import { type FallBackReport, fallBack, requireFitting } from "./fall-back.js";
import { intersect, type RestoreReport } from "./intersection.js";
import { objectBasedAccess } from "./object-based.js";
import type { RestoreOptions } from "./options.js";
import { explainRestoreError } from "./restore-error.js";
import { untilUnchanged } from "./until-unchanged.js";

/** What a saver restores with. */
export interface RestorerOptions {
  /** @throws `RuntimeError` if the saver is not built. */
  readonly access: () => CheckpointAccess;
  readonly storage: Storage;
  readonly onWarning: WarningListener;
  readonly reshape: boolean;
  /** Whether the session may be `null`. */
  readonly isEager: boolean;
}

/** Restores one checkpoint, or another one in its place. */
export class Restorer {
  constructor(
    private readonly session: Session | null,
    private readonly options: RestorerOptions,
    private readonly match: NonNullable<RestoreOptions["match"]>,
    private readonly run: OperationOptions,
  ) {}

  /** Restores a checkpoint. An error that files are the cause of says what is wrong with them. */
  async restore(path: string): Promise<RestoreReport | undefined> {
    return this.#explaining(path, async () => {
      await this.#requireRestorable(path);
      if (this.match === "intersect") return this.#restoreMatching(path);
      await this.#restoreExactly(path);
      return undefined;
    });
  }

  /** The same, but if files are the cause of an error, tries the others of the folder. */
  async restoreOrFallBack(path: string): Promise<FallBackReport> {
    const { storage, onWarning } = this.options;
    const { signal } = this.run;
    const restore = (path: string, isWanted: boolean) => this.#restoreWithReport(path, isWanted);
    return this.#explaining(path, () => fallBack(path, { storage, onWarning, signal, restore }));
  }

  async #explaining<T>(path: string, restore: () => Promise<T>): Promise<T> {
    const options = { storage: this.options.storage, signal: this.run.signal };
    try {
      return await restore();
    } catch (error) {
      if (!isCheckpointError(error) || !(await isOfFiles(error, path, options))) throw error;
      throw await withExplanation(error, path, options);
    }
  }

  async #requireRestorable(path: string): Promise<void> {
    const { storage, isEager } = this.options;
    if (!(await checkpointExists(path, { storage }))) {
      throw new ValueError(`The passed save_path is not a valid checkpoint: ${path}`, { path });
    }
    if (!isEager && !isSession(this.session)) throw new TypeError(`'sess' must be a Session; ${String(this.session)}`);
  }

  async #restoreExactly(path: string): Promise<void> {
    const { storage, onWarning } = this.options;
    const access = this.options.access();
    try {
      await untilUnchanged(path, () => access.restore(this.session, path, this.run));
    } catch (error) {
      const isMissing = isCheckpointError(error, "NotFoundError");
      const other = isMissing ? await objectBasedAccess(access, path, storage, onWarning) : undefined;
      if (other === undefined) throw explainRestoreError(error, path);
      await other.restore(this.session, path, this.run);
    }
  }

  #restoreMatching(path: string, isWanted = true): Promise<RestoreReport> {
    return untilUnchanged(path, () => this.#restoreMatchingOnce(path, isWanted));
  }

  async #restoreMatchingOnce(path: string, isWanted: boolean): Promise<RestoreReport> {
    const access = this.options.access();
    const all = access.targets();
    const { report, targets, keys } = await this.#intersect(path);
    if (!isWanted) requireFitting(report, this.match, path);
    if (targets.length === all.length && [...keys].every(([name, key]) => name === key)) {
      await access.restore(this.session, path, this.run);
    } else if (targets.length > 0) await access.restoreTargets(this.session, path, targets, keys, this.run);
    return report;
  }

  /** One of the checkpoints that are tried. Only the wanted one is worth an error that it does not fit. */
  async #restoreWithReport(path: string, isWanted: boolean): Promise<RestoreReport> {
    await this.#requireRestorable(path);
    if (this.match === "intersect") return this.#restoreMatching(path, isWanted);
    const { report } = await this.#intersect(path);
    if (!isWanted) requireFitting(report, this.match, path);
    await this.#restoreExactly(path);
    return report;
  }

  #intersect(path: string) {
    const { access, storage, reshape } = this.options;
    return intersect(access().targets(), path, { storage, reshape });
  }
}
