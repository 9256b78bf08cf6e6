import { shortNumber } from "@tfsaver/checkpoint-tools/printing";
import { type Bands, evenBands, MeanGrid } from "../../../model/pictures/mean-grid.js";
import { ScrollBox } from "../../../ui/scroll-box.js";
import type { Picture } from "../../../worker/handlers/picture.js";

/** Largest number of rows and columns of the table. */
const MAX = 12;

interface CoarseTableProps {
  readonly picture: Picture;
  /** Positions of the first row and column in their axes. */
  readonly firstRow: number;
  readonly firstColumn: number;
}

/** Shows the numbers of a picture as a table of at most 12 rows and columns, whose cells are means. */
export function CoarseTable({ picture, firstRow, firstColumn }: CoarseTableProps) {
  const { rows, columns, values } = picture;
  const down = evenBands(rows.starts.length, MAX);
  const across = evenBands(columns.starts.length, MAX);
  const grid = new MeanGrid(down, across);
  const [height, width] = [rows.starts.length, columns.starts.length];
  grid.add({ row: 0, column: 0, rows: height, columns: width, valueAt: (place) => values[place] as number });
  const means = grid.means();
  const names = (coarse: Bands, fine: Bands, first: number) =>
    Array.from(coarse.starts, (start, i) =>
      rangeText(fine.starts[start] as number, fine.ends[(coarse.ends[i] as number) - 1] as number, first),
    );
  const columnNames = names(across, columns, firstColumn);
  return (
    <details>
      <summary>The picture as a table</summary>
      <ScrollBox label="The picture as a table">
        <table class="number">
          <thead>
            <tr>
              <td />
              {columnNames.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {names(down, rows, firstRow).map((name, row) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {columnNames.map((column, i) => (
                  <td key={column}>{shortNumber(means[row * columnNames.length + i] as number)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
    </details>
  );
}

/** Returns the positions of a band: `5`, or `5–9`. */
export function rangeText(start: number, end: number, first: number): string {
  return end - start === 1 ? String(first + start) : `${first + start}–${first + end - 1}`;
}
