import { HostSaveable } from "../saveables/host-saveable.js";
import { describeValue } from "./describe-value.js";
import type { Saveable, Trackable } from "./var-list.js";

/** True if a value declares its own saveables. */
export function isTrackable(value: unknown): value is Trackable {
  return typeof value === "object" && value !== null && "gatherSaveablesForCheckpoint" in value;
}

/**
 * Returns what an object declares. Factories are called with the names of `nameOf`.
 *
 * @throws `TypeError` for a `HostSaveable`, which is in no graph.
 */
export function declaredBy(trackable: Trackable, nameOf: (attribute: string) => string | undefined): Saveable[] {
  return Object.entries(trackable.gatherSaveablesForCheckpoint()).map(([attribute, declared]) => {
    const saveable = typeof declared === "function" ? declared(nameOf(attribute)) : declared;
    if (!(saveable instanceof HostSaveable)) return saveable;
    throw new TypeError(
      `${describeValue(trackable)} declares ${saveable.name}, which is in no graph: save the object with a Checkpoint`,
    );
  });
}
