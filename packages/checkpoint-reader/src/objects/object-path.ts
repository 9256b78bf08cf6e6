/**
 * The grammar of the keys in an object-based checkpoint: the escaped names of the edges that lead to an object, then its
 * attribute. Pure functions of text.
 *
 * @packageDocumentation
 */

/** The part of a key before the name of an attribute. */
export const ATTRIBUTES = ".ATTRIBUTES";
/** The part of a key between a variable and the optimizer that it is a slot of. */
export const OPTIMIZER_SLOT = ".OPTIMIZER_SLOT";

/** Escapes the name of an edge for a path, as TensorFlow does. */
export function escapeName(name: string): string {
  return name.replaceAll(".", "..").replaceAll("/", ".S");
}

/** Returns the name of an edge from its part of a path. */
function unescapeName(part: string): string {
  return part.replace(/\.([.S])/g, (_, char) => (char === "S" ? "/" : "."));
}

/** Returns the path of an object from a key of one of its tensors, or from a path. */
export function pathOfKey(key: string): string {
  const at = key.indexOf(`/${ATTRIBUTES}/`);
  return at < 0 ? key : key.slice(0, at);
}

/** Returns the path below another one. */
export function joinPath(path: string, part: string): string {
  return path === "" ? part : `${path}/${part}`;
}

/** Splits a path into the names of its edges. */
export function namesOf(path: string): string[] {
  return path === "" ? [] : path.split("/").map(unescapeName);
}

/** Returns a path with all of its names escaped as TensorFlow escapes them. */
export function canonicalPath(path: string): string {
  return namesOf(path).map(escapeName).join("/");
}
