import type { Saveable, Trackable } from "./var-list.js";

/** True if a value declares its own saveables. */
export function isTrackable(value: unknown): value is Trackable {
  return typeof value === "object" && value !== null && "gatherSaveablesForCheckpoint" in value;
}

/** Returns what an object declares. Factories are called with the names of `nameOf`. */
export function declaredBy(trackable: Trackable, nameOf: (attribute: string) => string | undefined): Saveable[] {
  return Object.entries(trackable.gatherSaveablesForCheckpoint()).map(([attribute, declared]) =>
    typeof declared === "function" ? declared(nameOf(attribute)) : declared,
  );
}
