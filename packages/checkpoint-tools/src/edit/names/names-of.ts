import { similarNames } from "@tfsaver/checkpoint-reader";
import { NotFoundError } from "@tfsaver/core";
import { globMatcher, isPattern } from "@tfsaver/storage";

/** A tensor, and all names that it goes by. */
export interface Named {
  readonly name: string;
  readonly aliases: readonly string[];
}

/** Maximum number of similar names in a message. */
const MAX_SIMILAR = 3;

/**
 * Returns the names of the tensors that patterns match.
 *
 * @throws `NotFoundError` if a pattern matches none; the message proposes similar names.
 */
export function matchNames(patterns: readonly string[], tensors: readonly Named[], where: string): Set<string> {
  const found = new Set<string>();
  for (const pattern of patterns) {
    const matches = matcherOf(pattern);
    const matched = tensors.filter(({ name, aliases }) => matches(name) || aliases.some(matches));
    if (matched.length === 0) throw notFound(pattern, tensors, where);
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
export function notFound(pattern: string, tensors: readonly Named[], where: string): NotFoundError {
  const what = isPattern(pattern) ? `No tensor of ${where} matches '${pattern}'` : `${where} has no tensor ${pattern}`;
  const names = tensors.flatMap(({ name, aliases }) => [name, ...aliases]).map((name) => ({ name }));
  const similar = [...new Set(similarNames({ name: pattern }, names).map(({ name }) => name))].slice(0, MAX_SIMILAR);
  const advice =
    similar.length === 0 ? "; run tfckpt ls to list its tensors" : `; did you mean ${similar.join(" or ")}?`;
  return new NotFoundError(what + advice, { path: where });
}
