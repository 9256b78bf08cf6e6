import { quoteBytes } from "@tfsaver/checkpoint-tools/printing";

/** A tensor's name as it is, or quoted if a line could not hold it. */
export function printable(name: string): string {
  return /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(name) ? quoteBytes(new TextEncoder().encode(name)) : name;
}
