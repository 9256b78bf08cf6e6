/** Whether a part of a path means more than itself in a pattern. */
export function isPattern(part: string): boolean {
  return /[*?[\]\\]/.test(part);
}

/** Takes the special meaning from every character of a path, so that it matches only itself in a glob pattern. */
export function escapeGlob(path: string): string {
  return path.replace(/[*?[\]\\]/g, "\\$&");
}

/**
 * A regular expression for one part of a path, with the meaning that `fnmatch` gives it: `*`, `?`, `\` before a
 * character that is to be taken as it is, and sets: `[abc]`, `[a-c]`, `[!a]` or `[^a]`, a `]` right at the start being
 * one of the characters. A `[` without its `]` is a plain one. POSIX classes such as `[:alpha:]` are not known.
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

/** The set that starts at a `[`, and where its `]` is; `undefined` if it has none. */
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
    // A range that runs backwards holds nothing; a regular expression would not have it.
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
