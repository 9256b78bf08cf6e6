import { BlobStorage, type BlobStorageSource } from "@tfsaver/storage/blob";
import type { Place } from "../app/source.js";

/** Returns the place of files that were dropped or chosen. */
export function placeOfFiles(files: BlobStorageSource): Place {
  const storage = new BlobStorage(files);
  const tops = new Set(storage.paths.map((path) => path.split("/")[0] as string));
  const [first = "Nothing"] = tops;
  const name = tops.size > 1 ? `${first} and ${tops.size - 1} more` : first;
  return { name, storage, path: "", isLocal: true };
}
