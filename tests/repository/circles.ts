/** Paths of files, each with the paths of the files that it imports. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** Returns circles of imports as `a → b → a`: for each import that is part of a circle, a shortest one through it. */
export function circlesIn(graph: ImportGraph): string[] {
  const circles = [...graph].flatMap(([from, imports]) =>
    imports.map((to) => shortestPath(graph, to, from)).filter((path) => path !== undefined),
  );
  return [...new Set(circles.map(describe))].sort();
}

function shortestPath(graph: ImportGraph, from: string, to: string): readonly string[] | undefined {
  const paths = new Map([[from, [from]]]);
  for (const [file, path] of paths) {
    if (file === to) return path;
    for (const next of graph.get(file) ?? []) if (!paths.has(next)) paths.set(next, [...path, next]);
  }
  return undefined;
}

/** Describes a circle. Starts with its first file in alphabetical order, so that equal circles have equal descriptions. */
function describe(circle: readonly string[]): string {
  const first = circle.indexOf([...circle].sort()[0] as string);
  const files = [...circle.slice(first), ...circle.slice(0, first)];
  return [...files, files[0]].join(" → ");
}
