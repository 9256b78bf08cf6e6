import { quoteBytes } from "@tfsaver/checkpoint-tools/printing";

/** Returns a name as it is, or quoted if it contains characters that would break a line. */
export function printable(name: string): string {
  return /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(name) ? quoteBytes(new TextEncoder().encode(name)) : name;
}
