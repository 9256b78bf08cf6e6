/** A subpath of a package's `exports` map and its source file. */
export interface EntryPoint {
  readonly subpath: string;
  readonly source: string;
}

/** Returns the entry points of an `exports` map, including those in nested conditions. */
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
