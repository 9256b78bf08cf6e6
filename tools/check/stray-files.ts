/** Files that a published package consists of. It has its sources too, for source maps and debuggers. */
const PUBLISHED = [
  /^package\.json$/,
  /^(?:README|CHANGELOG)\.md$/,
  /^LICENSE$/,
  /^bin\/[\w-]+\.js$/,
  /^dist\/(?:[\w.-]+\/)*[\w.-]+\.(?:js|js\.map|d\.ts)$/,
  /^src\/(?:[\w.-]+\/)*[\w.-]+\.(?:tsx?|css)$/,
  // A page to host.
  /^dist\/page\/(?:assets\/)?[\w.-]+\.(?:html|css|wasm|webmanifest|svg)$/,
];

/** Parts of a path that mark files for development only. */
const OURS = /(?:^|\/)(?:\.[^/]*|tests?|fixtures|node_modules|[^/]*\.(?:test|spec|browser)\.[^/]*)(?:\/|$)/;

/** Returns the files that must not be published. */
export function strayFiles(paths: readonly string[]): string[] {
  return paths.filter((path) => OURS.test(path) || !PUBLISHED.some((pattern) => pattern.test(path)));
}
