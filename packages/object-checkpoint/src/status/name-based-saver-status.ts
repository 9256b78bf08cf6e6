import { AssertionError } from "@tfsaver/core";
import type { Session } from "@tfsaver/graph";
import { describeObject } from "../objects/describe-object.js";
import type { ActiveLoad } from "../restore/active-load.js";
import type { NameBasedLoad } from "../restore/name-based-load.js";
import type { Restores } from "../restore/restores.js";
import type { LoadStatus } from "./load-status.js";
import { listed } from "./texts.js";

/** The status of a checkpoint without object graph, which was read by the names of variables (`NameBasedSaverStatus`). */
export class NameBasedSaverStatus implements LoadStatus {
  /** @param optional - an object that need not be in the checkpoint */
  constructor(
    private readonly active: ActiveLoad<NameBasedLoad>,
    private readonly restores: Restores,
    private readonly optional: object | undefined,
  ) {}

  assertConsumed(): this {
    this.restores.matchAgain(this.active);
    const unused = [...this.active.matching.unusedAttributes].filter(([object]) => object !== this.optional);
    if (unused.length === 0) return this;
    throw new AssertionError(
      "Some objects had attributes which were not restored: " +
        unused.map(([object, names]) => `\n    ${describeObject(object)}: ${listed(names)}`).join(""),
    );
  }

  assertExistingObjectsMatched(): this {
    return this.assertConsumed();
  }

  assertNontrivialMatch(): this {
    return this.assertConsumed();
  }

  expectPartial(): this {
    return this;
  }

  async runRestoreOps(session?: Session): Promise<void> {
    this.restores.matchAgain(this.active);
    await this.active.run(session);
  }

  initializeOrRestore(session?: Session): Promise<void> {
    return this.runRestoreOps(session);
  }

  async settled(): Promise<this> {
    this.restores.matchAgain(this.active);
    await this.active.settled();
    return this;
  }
}
