import { decode, encode, type SourceMapMappings } from "@jridgewell/sourcemap-codec";

/** A source map, as far as this needs it. */
interface SourceMap {
  readonly sources: readonly string[];
  readonly mappings: string;
}

/**
 * Reduces a source map to lines: it still leads to the file and line of all code, but to no column. That makes it several
 * times smaller.
 */
export function lineMap<T extends SourceMap>(map: T): T {
  const lines: SourceMapMappings = decode(map.mappings).map((segments) =>
    segments.filter((segment, i) => {
      const previous = segments[i - 1];
      return i === 0 || segment[1] !== previous?.[1] || segment[2] !== previous?.[2];
    }),
  );
  return { ...map, mappings: encode(lines) };
}
