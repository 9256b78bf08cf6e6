import type { Session } from "@tfsaver/graph";

/**
 * The result of `Checkpoint.restore` and `Checkpoint.read`: tells how the checkpoint and the objects fit, now or when objects
 * were added. Assertions look at the objects anew each time, and return the status, so that they can be chained.
 */
export interface LoadStatus {
  /**
   * Asserts that every value of the checkpoint has an object, and every object a value (`assert_consumed`).
   *
   * @throws `AssertionError`, which names the first object that has no counterpart, and what is there instead.
   */
  assertConsumed(): this;
  /**
   * Asserts that every object with values has a value in the checkpoint (`assert_existing_objects_matched`).
   *
   * @throws `AssertionError` otherwise.
   */
  assertExistingObjectsMatched(): this;
  /**
   * Asserts that anything but the root was matched (`assert_nontrivial_match`).
   *
   * @throws `AssertionError` otherwise.
   */
  assertNontrivialMatch(): this;
  /**
   * Returns the status (`expect_partial`). TensorFlow warns of values that were not restored when it forgets a status, unless
   * this was called; here nothing warns. Assertions fail all the same, as in TensorFlow.
   */
  expectPartial(): this;
  /**
   * Restores the variables of a graph in a session (`run_restore_ops`). Needed only if the restore had no session. Does nothing
   * for values outside of a graph.
   *
   * @param session - default: that of the restore, or of the checkpoint
   * @throws `AssertionError` if no checkpoint was given; `RuntimeError` if there is no session; the errors of reading.
   */
  runRestoreOps(session?: Session): Promise<void>;
  /**
   * Restores the variables of a graph in a session, and initializes those that are not in the checkpoint
   * (`initialize_or_restore`). Does nothing for values outside of a graph.
   *
   * @param session - default: that of the restore, or of the checkpoint
   * @throws `RuntimeError` if there is no session; the errors of reading.
   */
  initializeOrRestore(session?: Session): Promise<void>;
  /**
   * Matches objects that were added since the restore, and waits until their values are in place.
   *
   * @returns the status
   * @throws the errors of reading; the values of the added objects stay as they are then.
   */
  settled(): Promise<this>;
}
