/** True if a part of a path contains characters that are special in a pattern. */
export function isPattern(part: string): boolean {
  return /[*?[\]\\]/.test(part);
}

/** Escapes a path, so that as a glob pattern it matches only itself. */
export function escapeGlob(path: string): string {
  return path.replace(/[*?[\]\\]/g, "\\$&");
}

/**
 * Compiles one part of a pattern to a regular expression, with the meaning of `fnmatch`: `*`, `?`, `\` before a literal
 * character, and sets such as `[abc]`, `[a-c]`, `[!a]` and `[^a]`. A `]` at the start of a set is one of its
 * characters; a `[` without `]` is literal. POSIX classes such as `[:alpha:]` are not supported.
 */
export function partMatcher(part: string): RegExp {
  const chars = [...part];
  let source = "";
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i] as string;
    const set = char === "[" ? readSet(chars, i) : undefined;
    if (set !== undefined) {
      source += set.source;
      i = set.end;
    } else if (char === "*") source += ".*";
    else if (char === "?") source += ".";
    else if (char === "\\" && i + 1 < chars.length) source += literal(chars[++i] as string);
    else source += literal(char);
  }
  return new RegExp(`^${source}$`, "su");
}

/** Reads the set that starts at a `[`, and returns where its `]` is; `undefined` if there is none. */
function readSet(chars: readonly string[], start: number): { source: string; end: number } | undefined {
  let at = start + 1;
  const negated = chars[at] === "!" || chars[at] === "^";
  if (negated) at++;
  const first = at;
  let members = "";
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
    // A backwards range is empty, but a syntax error in a regular expression.
    if (codePoint(from) <= codePoint(to)) members += `${literal(from)}-${literal(to)}`;
  }
  if (members === "") return { source: negated ? "." : "(?!)", end: at };
  return { source: `[${negated ? "^" : ""}${members}]`, end: at };
}

function codePoint(char: string): number {
  return char.codePointAt(0) as number;
}

function literal(char: string): string {
  return `\\u{${codePoint(char).toString(16)}}`;
}
