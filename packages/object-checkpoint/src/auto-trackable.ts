import type { Trackable } from "@tfsaver/saver-builders";

/**
 * Base of classes whose own enumerable properties are their children, as those of a plain object are. Private fields and
 * accessors of the class are none.
 *
 * @example
 * ```ts
 * import { AutoTrackable } from "@tfsaver/object-checkpoint";
 * import { HostVariable } from "@tfsaver/saver-builders";
 *
 * export class Dense extends AutoTrackable {
 *   readonly kernel = new HostVariable([[1, 2], [3, 4]], { name: "kernel" });
 *   readonly bias = new HostVariable([0, 0], { name: "bias" });
 * }
 * ```
 */
export class AutoTrackable implements Trackable {
  gatherSaveablesForCheckpoint(): Readonly<Record<string, never>> {
    return {};
  }

  trackableChildren(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(Object.entries(this));
  }
}
