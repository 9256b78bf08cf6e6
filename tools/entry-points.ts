/** A source file that a package's `exports` map offers, and the subpath that offers it. */
export interface EntryPoint {
  readonly subpath: string;
  readonly source: string;
}

/** What an `exports` map offers, at whatever depth of conditions. */
export function entryPoints(exports: object): EntryPoint[] {
  return Object.entries(exports).flatMap(([subpath, target]) =>
    sources(target).map((source) => ({ subpath, source: source.replace(/^\.\//, "") })),
  );
}

function sources(target: unknown): string[] {
  if (typeof target !== "object" || target === null) return [];
  return Object.entries(target).flatMap(([condition, value]) =>
    condition === "@tfsaver/source" ? [value as string] : sources(value),
  );
}
