/**
 * Makes sure that an argument is a string.
 *
 * @param name - the argument's name, for the message
 * @throws `TypeError` otherwise.
 */
export function requireString(value: unknown, name: string): asserts value is string {
  if (typeof value === "string") return;
  const found = value === null ? "null" : Array.isArray(value) ? "an array" : typeof value;
  throw new TypeError(`${name} must be a string, not ${found}`);
}
