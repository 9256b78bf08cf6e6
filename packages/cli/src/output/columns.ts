import stringWidth from "string-width";

/** Width of the widest column. Longer cells shift the rest of their row, or one name would make all lines as long. */
const MAX_WIDTH = 200;

/**
 * Formats rows of cells as lines with aligned columns. Columns listed in `right` are aligned to the right. Wide characters take
 * two places of a terminal.
 */
export function columns(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      const width = widthOf(cell);
      if (width <= MAX_WIDTH) widths[column] = Math.max(widths[column] ?? 0, width);
    }
  }
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const padding = " ".repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell)));
        return right.includes(column) ? padding + cell : cell + padding;
      })
      .join("  ")
      .trimEnd(),
  );
}

/** Returns the number of places that a text takes in a terminal. */
function widthOf(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : stringWidth(text);
}
