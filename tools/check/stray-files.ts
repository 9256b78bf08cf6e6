/** Files that may be published. The sources are included for source maps and debuggers. */
const PUBLISHED = [
  /^package\.json$/,
  /^(?:README|CHANGELOG)\.md$/,
  /^LICENSE$/,
  /^bin\/[\w-]+\.js$/,
  /^dist\/(?:[\w.-]+\/)*[\w.-]+\.(?:js|js\.map|d\.ts)$/,
  /^src\/(?:[\w.-]+\/)*[\w.-]+\.ts$/,
];

/** Files and folders that must not be published at any depth: tests, fixtures and hidden files. */
const OURS = /(?:^|\/)(?:\.[^/]*|tests?|fixtures|node_modules|[^/]*\.(?:test|spec|browser)\.[^/]*)(?:\/|$)/;

/** Returns the files that must not be published. */
export function strayFiles(paths: readonly string[]): string[] {
  return paths.filter((path) => OURS.test(path) || !PUBLISHED.some((pattern) => pattern.test(path)));
}
