import { defaultStorage } from "@tfsaver/storage/default";
import type { BundleReaderOptions } from "./read/bundle-reader.js";
import { OpenBundle } from "./read/open-bundle.js";
import { storedEntries } from "./read/verify-entry.js";

/**
 * Checks that a V2 checkpoint can be opened, that its index is undamaged, and that every data file is as long as the index
 * needs. Reads the index, but no tensor: {@link verifyBundle} does.
 *
 * @throws `NotFoundError` if a file is missing; `DataLossError` or `InternalError` if the index is damaged or a data file is too
 * short.
 * @example
 * ```ts
 * import { checkBundle } from "@tfsaver/tensor-bundle";
 *
 * await checkBundle("fixtures/goldens/v2-with-meta/model.ckpt-7");
 * ```
 */
export async function checkBundle(prefix: string, options: BundleReaderOptions = {}): Promise<void> {
  const bundle = await OpenBundle.open(options.storage ?? defaultStorage(), prefix, options);
  try {
    if (await hasUsualForm(bundle, options)) return;
    // Slower, but it accepts every valid form, and its errors name the tensor.
    for await (const entry of bundle.index.entries(options)) {
      await bundle.data.requireRoom(await storedEntries(bundle, entry, options));
    }
  } finally {
    await bundle.close();
  }
}

/** True if all entries have the form that nearly all have, and the data files are long enough for them. */
async function hasUsualForm({ index, data }: OpenBundle, options: BundleReaderOptions): Promise<boolean> {
  const ends = await index.dataEnds(options);
  if (ends === undefined) return false;
  for (const [shard, end] of ends) if (end > 0 && (await data.size(shard)) < end) return false;
  return true;
}
