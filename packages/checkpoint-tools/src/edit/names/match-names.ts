import { globMatcher, isPattern } from "@tfsaver/storage";
import { notFound } from "../../select/not-found.js";

/** A tensor, and all names that it goes by. */
export interface Named {
  readonly name: string;
  readonly aliases: readonly string[];
}

/**
 * Returns the names of the tensors that patterns match.
 *
 * @throws `NotFoundError` if a pattern matches none; the message proposes similar names.
 */
export function matchNames(patterns: readonly string[], tensors: readonly Named[], prefix: string): Set<string> {
  const found = new Set<string>();
  for (const pattern of patterns) {
    const matches = matcherOf(pattern);
    const matched = tensors.filter(({ name, aliases }) => matches(name) || aliases.some(matches));
    if (matched.length === 0) throw unknownName(pattern, tensors, prefix);
    for (const { name } of matched) found.add(name);
  }
  return found;
}

function matcherOf(pattern: string): (name: string) => boolean {
  const matches = globMatcher(pattern);
  const isValue = pattern.endsWith(":0") && !isPattern(pattern);
  // A name that holds the characters of patterns, and `a:0`, which is the value of the variable `a` in a graph.
  return (name) => name === pattern || matches(name) || (isValue && `${name}:0` === pattern);
}

/** Returns the error for a name or pattern that none of the tensors has. */
export function unknownName(pattern: string, tensors: readonly Named[], prefix: string): Error {
  const names = new Set(tensors.flatMap(({ name, aliases }) => [name, ...aliases]));
  return notFound(
    pattern,
    prefix,
    [...names].map((name) => ({ name })),
  );
}
