import type { Statistics } from "@tfsaver/checkpoint-tools";
import { shortNumber } from "@tfsaver/checkpoint-tools/printing";
import { infinities, type TrendPoint } from "../../../model/compare/trend.js";
import { shortPath } from "../../../ui/checkpoint-picker.js";
import { NameText } from "../../../ui/name-text.js";

const COLUMNS: readonly (readonly [label: string, of: (statistics: Statistics) => number | bigint | undefined])[] = [
  ["mean", ({ mean }) => mean],
  ["deviation", ({ deviation }) => deviation],
  ["min", ({ min }) => min],
  ["max", ({ max }) => max],
  ["norm", ({ l2 }) => l2],
  ["NaN", ({ nan }) => nan],
  ["infinite", infinities],
];

interface TrendTableProps {
  readonly points: readonly TrendPoint[];
  /** Path of the checkpoint that is shown in other views. */
  readonly shown: string;
}

/** Lists the statistics of a tensor in all checkpoints. */
export function TrendTable({ points, shown }: TrendTableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it
    <section class="scroll" tabIndex={0} aria-label="Statistics by checkpoint">
      <table class="number">
        <thead>
          <tr>
            <th scope="col">Checkpoint</th>
            {COLUMNS.map(([label]) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {points.map(({ path, step, statistics, error, isDone }) => (
            <tr key={path} class={path === shown ? "shown" : ""}>
              <th scope="row">
                <NameText text={step === undefined ? shortPath(path) : String(step)} inRow />
              </th>
              {statistics === undefined ? (
                <td colSpan={COLUMNS.length} class={error === undefined ? "quiet" : "bad"}>
                  {error === undefined ? isDone ? "has no such tensor" : "not read" : <NameText text={error.message} />}
                </td>
              ) : (
                COLUMNS.map(([label, of]) => <td key={label}>{shortNumber(of(statistics))}</td>)
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
