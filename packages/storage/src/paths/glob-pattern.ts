import { withSlashes } from "./with-slashes.js";

/** True if a path contains characters that are special in a pattern. */
export function isPattern(path: string): boolean {
  return /[*?[\]\\]/.test(withSlashes(path));
}

/** Escapes a path, so that as a glob pattern it matches only itself. */
export function escapeGlob(path: string): string {
  return withSlashes(path).replace(/[*?[\]\\]/g, "\\$&");
}

/** Matches one character. */
type CharMatcher = (char: string) => boolean;

/** What a part of a pattern consists of: characters, and what stands for one or any number of them. */
type Token = string | CharMatcher | typeof STAR;

const STAR = Symbol("*");

/**
 * Compiles one part of a pattern, with the meaning of `fnmatch`: `*`, `?`, `\` before a literal character, and sets such
 * as `[abc]`, `[a-c]`, `[!a]` and `[^a]`. A `]` at the start of a set is one of its characters; a `[` without `]` is
 * literal. POSIX classes such as `[:alpha:]` are not supported.
 *
 * @returns the name if only one name matches; otherwise a function that takes time in proportion to the length of the
 * pattern times that of the name
 */
export function compilePart(part: string): string | ((name: string) => boolean) {
  const tokens = tokensOf([...part]);
  if (tokens.every((token) => typeof token === "string")) return tokens.join("");
  return (name) => matches(tokens, [...name]);
}

/**
 * Returns a test for texts by a pattern of {@link glob}, in which `*` and `?` match `/` too. Takes time in proportion to the
 * length of the pattern times that of the text.
 *
 * @example
 * ```ts
 * import { globMatcher } from "@tfsaver/storage";
 *
 * console.log(["a/b/kernel", "a/bias"].filter(globMatcher("*kernel"))); // [ "a/b/kernel" ]
 * ```
 */
export function globMatcher(pattern: string): (text: string) => boolean {
  const compiled = compilePart(pattern);
  return typeof compiled === "string" ? (text) => text === compiled : compiled;
}

/** Matches from left to right. A mismatch goes back to the last `*` only: what an earlier one takes makes no difference. */
function matches(tokens: readonly Token[], name: readonly string[]): boolean {
  let [at, next] = [0, 0];
  let [star, taken] = [-1, 0];
  while (next < name.length) {
    const token = tokens[at];
    if (token === STAR) {
      [star, taken] = [at++, next];
    } else if (token !== undefined && matchesChar(token, name[next] as string)) {
      at++;
      next++;
    } else if (star >= 0) {
      at = star + 1;
      next = ++taken;
    } else return false;
  }
  return tokens.slice(at).every((token) => token === STAR);
}

function matchesChar(token: string | CharMatcher, char: string): boolean {
  return typeof token === "string" ? token === char : token(char);
}

function tokensOf(chars: readonly string[]): Token[] {
  const tokens: Token[] = [];
  // If one set has no end, nor have those that begin behind it.
  let hasSets = true;
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i] as string;
    const set = char === "[" && hasSets ? readSet(chars, i) : undefined;
    if (set !== undefined) {
      tokens.push(set.matches);
      i = set.end;
    } else if (char === "*") tokens.push(STAR);
    else if (char === "?") tokens.push(() => true);
    else if (char === "\\" && i + 1 < chars.length) tokens.push(chars[++i] as string);
    else {
      tokens.push(char);
      if (char === "[") hasSets = false;
    }
  }
  return tokens;
}

/** Reads the set that starts at a `[`, and returns where its `]` is; `undefined` if there is none. */
function readSet(
  chars: readonly string[],
  start: number,
): { readonly matches: CharMatcher; readonly end: number } | undefined {
  let at = start + 1;
  const negated = chars[at] === "!" || chars[at] === "^";
  if (negated) at++;
  const first = at;
  const ranges: (readonly [from: number, to: number])[] = [];
  const next = () => {
    if (chars[at] === "\\") at++;
    return chars[at++];
  };
  while (at === first || chars[at] !== "]") {
    const from = next();
    let to = from;
    if (chars[at] === "-" && chars[at + 1] !== "]") {
      at++;
      to = next();
    }
    if (from === undefined || to === undefined) return undefined;
    ranges.push([codePoint(from), codePoint(to)]);
  }
  const isMember = (code: number) => ranges.some(([from, to]) => from <= code && code <= to);
  return { matches: (char) => isMember(codePoint(char)) !== negated, end: at };
}

function codePoint(char: string): number {
  return char.codePointAt(0) as number;
}
