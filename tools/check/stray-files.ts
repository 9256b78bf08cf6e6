/** What a package is made of when it is published: its sources are there for source maps and debuggers. */
const PUBLISHED = [
  /^package\.json$/,
  /^(?:README|CHANGELOG)\.md$/,
  /^LICENSE$/,
  /^bin\/[\w-]+\.js$/,
  /^dist\/(?:[\w.-]+\/)*[\w.-]+\.(?:js|js\.map|d\.ts)$/,
  /^src\/(?:[\w.-]+\/)*[\w.-]+\.ts$/,
];

/** Parts of a path that tell what is for us alone, wherever it lies. */
const OURS = /(?:^|\/)(?:\.[^/]*|tests?|fixtures|node_modules|[^/]*\.(?:test|spec|browser)\.[^/]*)(?:\/|$)/;

/** Those of a package's files that must not be published. */
export function strayFiles(paths: readonly string[]): string[] {
  return paths.filter((path) => OURS.test(path) || !PUBLISHED.some((pattern) => pattern.test(path)));
}
