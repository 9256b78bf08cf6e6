/** All names of a type's properties. */
export type OptionNames<T> = Readonly<Record<keyof T, true>>;

/**
 * Rejects misspelled options, as Python does.
 *
 * @param where - what the options are for, for messages: `Saver.save`
 * @throws `TypeError` if `options` is not an object; else one that names the first option which is not in `known`.
 *
 * @example
 * ```ts
 * import { requireKnown } from "@tfsaver/core";
 *
 * export function open(options: { readOnly?: boolean }): void {
 *   requireKnown("open", options, { readOnly: true });
 * }
 * ```
 */
export function requireKnown<T extends object>(where: string, options: T, known: OptionNames<T>): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(
      `${where} takes an object of options, not ${options === null ? "null" : `a ${typeof options}`}`,
    );
  }
  const stranger = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (stranger === undefined) return;
  throw new TypeError(`${where} has no option '${stranger}'. Its options are: ${Object.keys(known).join(", ")}`);
}
