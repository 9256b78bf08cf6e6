import type { WarningListener } from "@tfsaver/core";
import type { CheckpointRecord } from "@tfsaver/retention";
import type { Storage } from "@tfsaver/storage";
import type { SavePolicy, SaveSituation, SaveVerdict } from "./policy.js";
import { policyOf, type SaveTimes } from "./policy-of.js";
import { RequestFile } from "./request-file.js";

/** Parts of a manager that a schedule works with. */
export interface ScheduleParts {
  readonly every: SaveTimes;
  readonly directory: string;
  readonly storage: Storage;
  /** Returns the time in milliseconds since 1970. */
  readonly clock: () => number;
  readonly onWarning: WarningListener;
}

/** A step that may be saved. */
export interface ScheduledStep {
  readonly step: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly checkpoints: readonly CheckpointRecord[];
}

/** Asks the policy at the end of each step. Remembers the last save, and a file that asks for one. */
export class SaveSchedule {
  readonly #policy: SavePolicy;
  readonly #requests: RequestFile | undefined;
  readonly #clock: () => number;
  #since: SaveSituation["since"];
  #isRequested = false;

  /** @throws as {@link policyOf}. */
  constructor({ every, directory, storage, clock, onWarning }: ScheduleParts) {
    this.#policy = policyOf(every);
    this.#clock = clock;
    this.#since = { step: 0, time: this.#now() };
    const { requestFile } = this.#policy;
    if (requestFile !== undefined) this.#requests = new RequestFile(directory, requestFile, storage, onWarning);
  }

  /** True if {@link SaveSchedule.decide} needs the metrics. */
  get readsMetrics(): boolean {
    return this.#policy.readsMetrics === true;
  }

  /** Step and time of the last save, or of the start. */
  get since(): SaveSituation["since"] {
    return this.#since;
  }

  /** Counts steps and seconds from here on. */
  startAt(step: number): void {
    this.countFrom({ step, time: this.#now() });
  }

  /** Counts steps and seconds from an earlier point. */
  countFrom(since: SaveSituation["since"]): void {
    this.#since = since;
  }

  /** Decides if a step that has ended is saved. */
  async decide({ step, metrics, checkpoints }: ScheduledStep): Promise<SaveVerdict> {
    const time = this.#now();
    // Steps count again from where the loop went back to, and so does time if the clock was set back.
    this.#since = { step: Math.min(step, this.#since.step), time: Math.min(time, this.#since.time) };
    this.#isRequested = (await this.#requests?.exists(time)) ?? false;
    const isRequested = this.#isRequested;
    return this.#policy.decide({ step, time, metrics, since: this.#since, checkpoints, isRequested });
  }

  /** Notes a save, and removes the file that asked for it. */
  async saved(step: number): Promise<void> {
    this.startAt(step);
    if (this.#isRequested) await this.#requests?.remove();
    this.#isRequested = false;
  }

  #now(): number {
    return this.#clock() / 1000;
  }
}
