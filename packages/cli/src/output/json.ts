import type { Context } from "../context.js";
import { jsonText } from "./output.js";

/** Option of the commands that can print JSON. */
export interface JsonOption {
  readonly json?: boolean;
}

/** Prints an array as JSON, one item per line, without holding all of its text in memory. */
export async function printJsonArray(items: readonly object[], { stdout }: Context): Promise<void> {
  if (items.length === 0) return stdout.line("[]");
  for (const [index, item] of items.entries()) {
    await stdout.write(`${index === 0 ? "[\n" : ",\n"}  ${jsonText(item)}`);
  }
  await stdout.write("\n]\n");
}
