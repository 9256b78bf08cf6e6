import { isCheckpointError } from "@tfsaver/core";
import { bertToHuggingFace, type NameMap, parseNameMap } from "@tfsaver/interchange";
import { readFile } from "@tfsaver/storage";
import type { Context } from "../../context.js";
import { UsageError } from "../../errors.js";

/** The map of names that is shipped. */
const BERT = "bert-to-huggingface";

/**
 * Reads the map of names that `--map` means: a file or a URL, or the name of a map that is shipped.
 *
 * @throws UsageError if it can't be read.
 */
export async function readNameMap(value: string, { storage, signal }: Context): Promise<NameMap> {
  if (value === BERT) return bertToHuggingFace;
  try {
    return parseNameMap(await readFile(storage, value, { signal }), value);
  } catch (error) {
    if (!isCheckpointError(error) || error.kind === "CancelledError") throw error;
    const advice = error.kind === "NotFoundError" ? `; the map that is shipped is ${BERT}` : "";
    throw new UsageError(`--map: ${error.message}${advice}`, { cause: error });
  }
}
