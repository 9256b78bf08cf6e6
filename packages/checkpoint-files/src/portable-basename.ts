import { basename } from "@tfsaver/storage";

/**
 * Returns the last part of a path that may come from another system: where it has backslashes, they separate parts too, as in
 * `D:\\run\\model.ckpt-5` or `\\\\server\\share\\model.ckpt-5`.
 */
export function portableBasename(path: string): string {
  const name = basename(path);
  return name.slice(name.lastIndexOf("\\") + 1);
}
