import { ATTRIBUTES } from "@tfsaver/checkpoint-reader/object-path";
import { ValueError } from "@tfsaver/core";

/** Says what becomes of names. */
export interface NameRule {
  /** Returns the new names of a tensor or a variable; the name itself if nothing changes. */
  leaf(name: string): readonly string[];
  /** Returns the new paths of an object that holds others; the root's path is `""`. */
  container(path: string): readonly string[];
}

/**
 * Parses a command such as `s/^tower_0\///` of `sed -E`, with the flags `g` (all places) and `i` (upper or lower case). Any
 * character can take the place of `/`. In the replacement, `&` is what was found, and `\1` its first group.
 *
 * @throws `ValueError` if the text is no such command.
 */
export function renameRule(command: string): NameRule {
  const delimiter = command[1] ?? "";
  const parts = command[0] === "s" && /[^\w\s\\]/.test(delimiter) ? splitAt(command.slice(2), delimiter) : [];
  const [pattern, replacement, flags] = parts;
  if (pattern === undefined || replacement === undefined || flags === undefined) {
    throw new ValueError(`'${command}' is no command such as s/old/new/, which begins with s and has three delimiters`);
  }
  if (!/^[gi]*$/.test(flags)) {
    throw new ValueError(`'${command}' is no command such as s/old/new/: its flags are g and i, not '${flags}'`);
  }
  const expression = regExpOf(pattern, flags, command);
  const text = replacementOf(replacement);
  const replace = (name: string) => name.replace(expression, text);
  return {
    leaf: (name) => [replace(name)],
    container(path) {
      if (path === "") return [path];
      // As a part of the names below it, so that `s/^a\//b\//` moves the object `a`.
      const renamed = replace(`${path}/`);
      return [renamed === "" || renamed.endsWith("/") ? renamed.replace(/\/$/, "") : path];
    },
  };
}

function regExpOf(pattern: string, flags: string, command: string): RegExp {
  // With the flag `u`, which keeps characters whole, only characters with a meaning may be escaped.
  const strict = pattern.replace(/\\(.)/gsu, (found, char: string) => {
    if (/[\w^$\\.*+?()[\]{}|/]/.test(char)) return found;
    return char === "-" ? "\\x2d" : char;
  });
  try {
    return new RegExp(strict, `${flags.includes("g") ? "g" : ""}${flags.includes("i") ? "i" : ""}u`);
  } catch (cause) {
    throw new ValueError(`'${command}' holds an invalid regular expression: ${(cause as Error).message}`, { cause });
  }
}

/** Splits a text at a delimiter, unless a backslash stands before it. Returns nothing if there are not three parts. */
function splitAt(text: string, delimiter: string): string[] {
  const parts = [""];
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string;
    if (char === delimiter && parts.length < 3) parts.push("");
    else parts[parts.length - 1] += char === "\\" ? char + (text[++i] ?? "") : char;
  }
  return parts.length === 3 ? parts : [];
}

/** Turns a replacement of `sed` into one of `String.replace`. */
function replacementOf(text: string): string {
  return text.replace(/\\(.)|&|\$/gs, (found, escaped: string | undefined) => {
    if (found === "&") return "$&";
    if (found === "$") return "$$";
    if (/[1-9]/.test(escaped as string)) return `$${escaped}`;
    return escaped === "$" ? "$$" : (escaped as string);
  });
}

/** Returns the rule of a table from names to new names. In object-based checkpoints, what is below a named object goes with it. */
export function mapRule(table: ReadonlyMap<string, readonly string[]>): NameRule {
  // The longest first, so that of two objects in the table the inner one counts.
  const lengths = [...new Set([...table.keys()].map(({ length }) => length))].sort((a, b) => b - a);
  const below = (path: string): readonly string[] => {
    for (const end of lengths) {
      if (end > path.length || (end < path.length && path[end] !== "/")) continue;
      const known = table.get(path.slice(0, end));
      if (known !== undefined) return known.map((name) => name + path.slice(end));
    }
    return [path];
  };
  return { leaf: below, container: below };
}

/** The counter of `tf.train.Checkpoint.save`. */
const SAVE_COUNTER = "save_counter";

/** Returns the rule that puts all names under a scope; of an object-based checkpoint, all but the counter of its saves. */
export function scopeRule(scope: string): NameRule {
  const prefix = scope.replace(/\/+$/, "");
  if (prefix === "" || prefix.startsWith("/") || prefix.includes(ATTRIBUTES)) {
    throw new ValueError(`'${scope}' is no scope: use a name such as tower_0`);
  }
  return {
    leaf: (name) => [name === SAVE_COUNTER ? name : `${prefix}/${name}`],
    container: (path) => [path === "" ? prefix : `${prefix}/${path}`],
  };
}
