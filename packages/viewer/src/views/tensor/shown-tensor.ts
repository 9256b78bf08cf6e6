import type { CatalogEntry } from "../../model/tensors/catalog.js";

/** What the parts of the view of a tensor know about it. */
export interface ShownTensor {
  /** Number of the open checkpoint. */
  readonly id: number;
  readonly entry: CatalogEntry;
  /** True if only what is seen is read; otherwise the worker reads the tensor whole, and keeps it. */
  readonly inParts: boolean;
  /** True if it is shown although its checksums don't match. */
  readonly unverified: boolean;
  /** Told what a read has shown: an error, or true if checksums were compared. */
  readonly onRead: (result: Error | boolean | undefined) => void;
}
