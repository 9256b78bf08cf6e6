/** Controls, formats (bidirectional overrides, zero-width characters), separators of lines, halves of surrogate pairs. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * Replaces the characters of a text that a terminal would act on, or that hide or reorder others, by escapes: `\u009b`,
 * `\u202e`. Line feeds stay. The result of `JSON.stringify` stays equal JSON, because such characters are only in its strings.
 *
 * @example
 * ```ts
 * import { escapeUnsafe } from "@tfsaver/checkpoint-tools/printing";
 *
 * console.log(escapeUnsafe("a\u202eb")); // a\u202eb
 * ```
 */
export function escapeUnsafe(text: string): string {
  return text.replace(UNSAFE, (char) => (char === "\n" ? char : escapeCharacter(char)));
}

/** True if {@link escapeUnsafe} would change a text, or the text has several lines. */
export function isUnsafe(text: string): boolean {
  return text.search(UNSAFE) >= 0;
}

/** Escapes each UTF-16 code unit of a character, as JSON does. */
function escapeCharacter(char: string): string {
  return Array.from({ length: char.length }, (_, i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, "0")}`).join(
    "",
  );
}
