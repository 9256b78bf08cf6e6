import { digestCheckpoint } from "@tfsaver/checkpoint-tools";
import type { Context } from "../../context.js";
import { find } from "../../find.js";
import type { JsonOption } from "../../output/json.js";
import { jsonText } from "../../output/output.js";
import { printable } from "../../output/printable.js";
import { withProgress } from "../../output/progress.js";

/** `tfckpt digest`: prints each digest as soon as it is known. */
export async function digest(path: string, options: JsonOption, context: Context): Promise<void> {
  const { stdout, storage, signal } = context;
  const prefix = await find(path, context);
  await withProgress("digest", context, async (progress) => {
    let separator = "{\n";
    const onDigest = async (name: string, hex: string) => {
      progress.clear();
      if (!options.json) return stdout.line(`${hex}  ${printable(name)}`);
      await stdout.write(`${separator}  ${jsonText(name)}: "${hex}"`);
      separator = ",\n";
    };
    const digests = await digestCheckpoint(prefix, { storage, signal, onDigest, onProgress: progress.update });
    if (options.json) await stdout.write(digests.size === 0 ? "{}\n" : "\n}\n");
  });
}
