import { escapeUnsafe } from "@tfsaver/checkpoint-tools/printing";
import { useState } from "preact/hooks";
import { useApp } from "../../../app/context.js";
import { useResource } from "../../../app/use-resource.js";
import { hexBytes, type StringStyle } from "../../../model/tensor/cell-text.js";
import { formatNumpySlice, type Range } from "../../../model/tensor/window.js";
import type { CatalogEntry } from "../../../model/tensors/catalog.js";
import { Problem } from "../../../ui/problem.js";

/** Bytes that are shown at first, and that each click adds. */
const STEP = 16 << 10;

interface WholeStringProps {
  readonly id: number;
  readonly entry: CatalogEntry;
  readonly index: readonly number[];
  readonly style: StringStyle;
}

/** Shows one string: its first bytes, and more at each click. */
export function WholeString({ id, entry, index, style }: WholeStringProps) {
  const { engine } = useApp();
  const [maxBytes, setMaxBytes] = useState(STEP);
  const ranges: Range[] = index.map((start) => ({ start, length: 1 }));
  const { value, error } = useResource(`${id} ${entry.name} ${index} ${maxBytes}`, (options) =>
    engine.stringBytes({ id, name: entry.name, slice: ranges, maxBytes }, options),
  );
  if (error !== undefined) return <Problem title="This string can't be read" messages={[error.message]} />;
  if (value === undefined) return null;
  const { bytes, length } = value;
  const rest = length - bytes.length;
  return (
    <section class="whole-string" aria-label={`String ${formatNumpySlice(entry.shape, ranges)}`}>
      <p class="quiet">{length.toLocaleString("en")} bytes</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reached by keyboard */}
      <pre tabIndex={0}>{style === "hex" ? hexBytes(bytes) : textOf(bytes, rest > 0)}</pre>
      {rest > 0 && (
        <button type="button" onClick={() => setMaxBytes(maxBytes * 4)}>
          Show {Math.min(rest, maxBytes * 3).toLocaleString("en")} more bytes
        </button>
      )}
    </section>
  );
}

/** Decodes UTF-8. Bytes that are not valid become U+FFFD. A character at the end that was cut is left out. */
function textOf(bytes: Uint8Array, isCut: boolean): string {
  return escapeUnsafe(new TextDecoder().decode(bytes, { stream: isCut }));
}
