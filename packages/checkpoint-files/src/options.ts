import type { WarningListener } from "@tfsaver/core";
import type { Storage } from "@tfsaver/storage";

/** Options that all functions of this package accept. */
export interface StorageOptions {
  /** Where the files are. Default: the local file system under Node.js; elsewhere a storage must be given. */
  readonly storage?: Storage | undefined;
  /** Called with warnings: what TensorFlow logs without raising an error. Default: `console.warn`. */
  readonly onWarning?: WarningListener | undefined;
}
