import { AssertionError, RuntimeError } from "@tfsaver/core";
import type { Session } from "@tfsaver/graph";
import type { RootView } from "../objects/root-view.js";
import { nextUid, updateUidOf } from "../restore/update-uids.js";
import { initializeVariables } from "./initialize-variables.js";
import type { LoadStatus } from "./load-status.js";

const NO_CHECKPOINT = "No checkpoint specified (save_path=None); nothing is being restored.";

/** The status of a restore without a checkpoint (`InitializationOnlyStatus`): it can only initialize. */
export class InitializationOnlyStatus implements LoadStatus {
  readonly #uid = nextUid();

  /** @param session - default for {@link InitializationOnlyStatus.initializeOrRestore} */
  constructor(
    private readonly view: () => RootView,
    private readonly session: Session | undefined,
  ) {}

  assertConsumed(): this {
    throw new AssertionError(NO_CHECKPOINT);
  }

  assertExistingObjectsMatched(): this {
    throw new AssertionError(NO_CHECKPOINT);
  }

  assertNontrivialMatch(): this {
    throw new AssertionError(NO_CHECKPOINT);
  }

  expectPartial(): this {
    return this;
  }

  async runRestoreOps(): Promise<void> {
    throw new AssertionError(
      "No checkpoint specified, so no restore ops are available (save_path=None to Saver.restore).",
    );
  }

  async initializeOrRestore(session = this.session): Promise<void> {
    const isLeft = (object: object) => updateUidOf(object) < this.#uid;
    await initializeVariables(this.view(), isLeft, () => {
      if (session !== undefined) return session;
      throw new RuntimeError("Unable to initialize the variables of a graph without a session: pass one");
    });
  }

  async settled(): Promise<this> {
    return this;
  }
}
