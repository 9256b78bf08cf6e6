import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";
import uplotStyles from "uplot/dist/uPlot.min.css?inline";
import { adoptStyles } from "../../styles/adopt.js";
import styles from "./chart.css?inline";
import { colorOf, onColorsChange } from "./colors.js";

/** A line of a {@link Chart}. */
interface ChartLine {
  readonly label: string;
  /** Variable of the style sheets that holds its color. */
  readonly color: `--${string}`;
  /** A number for each `x`; null leaves a gap. */
  readonly values: readonly (number | null)[];
}

interface ChartProps {
  /** Says what is seen, for those who do not see it. The numbers must also be in a table or text. */
  readonly label: string;
  readonly xLabel: string;
  readonly x: readonly number[];
  readonly lines: readonly ChartLine[];
  /** Draws filled steps, each from one `x` to the next, as for histograms. Default: lines with points. */
  readonly steps?: boolean;
  /** Draws logarithms of the values; 0 is at the lower edge. Default: false. */
  readonly log?: boolean;
  /** Height in pixels. Default: 180. */
  readonly height?: number;
  /** Charts of one group show the same place at once. */
  readonly group?: string;
  /** Formats a number of the axes and of the legend. */
  readonly format: (value: number) => string;
}

/** Draws lines or histograms over each other, in the width that there is. The library is loaded when the first one is drawn. */
export function Chart(props: ChartProps) {
  const { label, xLabel, x, lines, steps, log, height = 180 } = props;
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = element;
    if (current === null) return;
    let end = () => {};
    let isGone = false;
    void import("uplot").then(({ default: UPlot }) => {
      if (isGone) return;
      const root = current.getRootNode();
      if (root instanceof ShadowRoot) for (const css of [uplotStyles, styles]) adoptStyles(root, css);
      // The logarithm of 0 can't be drawn.
      const shown = (value: number | null) => (log && value === 0 ? 0.5 : value);
      const data: uPlot.AlignedData = [[...x], ...lines.map(({ values }) => values.map(shown))];
      const width = Math.max(current.clientWidth, 200);
      const plot = new UPlot({ ...optionsOf(props, current, UPlot), width, height }, data, current);
      const resized = new ResizeObserver(() => plot.setSize({ width: Math.max(current.clientWidth, 200), height }));
      resized.observe(current);
      const forget = onColorsChange(current, () => plot.redraw());
      end = () => {
        forget();
        resized.disconnect();
        plot.destroy();
      };
    });
    return () => {
      isGone = true;
      end();
    };
    // It is drawn anew if one of these is another; keep the same arrays for the same numbers.
  }, [xLabel, x, lines, steps, log, height]);
  // The place is kept while the library is loaded.
  return <div class="chart" role="img" aria-label={label} ref={element} style={{ minHeight: `${height + 30}px` }} />;
}

function optionsOf(
  { xLabel, lines, steps, log, group, format }: ChartProps,
  element: HTMLElement,
  UPlot: typeof uPlot,
): Omit<uPlot.Options, "width" | "height"> {
  const color = (variable: `--${string}`) => () => colorOf(element, variable);
  const axis = (size: number): uPlot.Axis => ({
    stroke: color("--quiet"),
    grid: { stroke: color("--line"), width: 1 },
    ticks: { stroke: color("--line"), width: 1, size: 4 },
    font: "11px system-ui, sans-serif",
    size,
    values: (_, values) => values.map((value) => (value === null ? "" : format(value))),
  });
  const stepped = UPlot.paths.stepped?.({ align: 1 });
  return {
    padding: [8, 26, 0, 0],
    cursor: { drag: { x: false, y: false }, ...(group === undefined ? {} : { sync: { key: group } }) },
    scales: { x: { time: false }, y: log ? { distr: 3, log: 10 } : {} },
    axes: [axis(28), { ...axis(64), space: 26 }],
    series: [
      { label: xLabel, value: (_, value) => (value === null ? "–" : format(value)) },
      ...lines.map(
        (line): uPlot.Series => ({
          label: line.label,
          stroke: color(line.color),
          width: 1.5,
          value: (_, value) => (value === null ? "–" : format(log && value === 0.5 ? 0 : value)),
          points: { show: !steps, size: 5 },
          ...(steps && stepped ? { paths: stepped, fill: () => translucent(colorOf(element, line.color)) } : {}),
        }),
      ),
    ],
  };
}

function translucent(color: string): string {
  return color.replace(/^rgb\((.*)\)$/, "rgba($1, 0.16)");
}
