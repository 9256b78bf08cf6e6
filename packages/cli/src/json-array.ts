import type { Context } from "./context.js";

/** Prints an array, an item a line, without ever holding all of its text. */
export async function printJsonArray(items: readonly object[], { stdout }: Context): Promise<void> {
  if (items.length === 0) return stdout.line("[]");
  for (const [index, item] of items.entries()) {
    await stdout.write(`${index === 0 ? "[\n" : ",\n"}  ${JSON.stringify(item)}`);
  }
  await stdout.line("\n]");
}
