import type { SavePolicy } from "./policy.js";

/**
 * Saves when a file asks for it: `touch DIR/save-now`. The manager looks for the file at most once a second, and removes it
 * after the save.
 *
 * @param file - name of the file in the manager's folder. Default: `save-now`.
 * @throws `TypeError` if `file` is not a name.
 *
 * @example
 * ```ts
 * import { onRequest } from "@tfsaver/checkpoint-manager";
 *
 * const every = [{ steps: 1000 }, onRequest()];
 * ```
 */
export function onRequest(file = "save-now"): SavePolicy {
  if (typeof file !== "string" || file === "" || /[/\\]/.test(file) || file === "." || file === "..") {
    throw new TypeError(`file of onRequest must be a name without a folder, not '${file}'`);
  }
  return {
    requestFile: file,
    decide: ({ isRequested }) => ({
      save: isRequested,
      reason: `${file} ${isRequested ? "exists" : "does not exist"}`,
    }),
  };
}
