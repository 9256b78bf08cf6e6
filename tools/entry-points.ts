/** An entry of a package's `exports` map: a subpath, and the source file behind it. */
export interface EntryPoint {
  readonly subpath: string;
  readonly source: string;
}

/** Returns the entries of an `exports` map, whatever the nesting of its conditions. */
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
