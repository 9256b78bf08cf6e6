import uPlot from "uplot";
import uplotCss from "uplot/dist/uPlot.min.css?inline";
import type { Interval } from "../../../model/pictures/intervals.js";
import { adoptStyles } from "../../../styles/adopt.js";
import { onThemeChange, themeColors } from "../../../ui/theme-colors.js";

/** Height of the picture in pixels. */
const HEIGHT = 260;

/** How a histogram is drawn. */
interface HistogramOptions {
  /** True for a logarithmic scale of counts. */
  readonly log: boolean;
  /** Called with the interval under the pointer. */
  readonly onHover: (interval: Interval | undefined) => void;
}

/** Draws a histogram into an element, in the size and the colors that it has. Returns what removes it. */
export function drawHistogram(
  element: HTMLElement,
  intervals: readonly Interval[],
  { log, onHover }: HistogramOptions,
): () => void {
  const root = element.getRootNode();
  if (root instanceof ShadowRoot) adoptStyles(root, uplotCss);
  let plot: uPlot | undefined;
  const draw = () => {
    plot?.destroy();
    const { quiet, line, accent } = themeColors(element);
    const axis = { stroke: quiet, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
    plot = new uPlot(
      {
        width: Math.max(element.clientWidth, 200),
        height: HEIGHT,
        legend: { show: false },
        cursor: { y: false, drag: { setScale: false } },
        scales: {
          x: { time: false, range: () => [intervals[0]?.from ?? 0, intervals.at(-1)?.to ?? 1] },
          y: log
            ? { distr: 3, log: 10, range: (_, __, max) => [0.5, max * 1.5] }
            : { range: (_, __, max) => [0, max * 1.05] },
        },
        axes: [axis, { ...axis, size: 74 }],
        series: [
          {},
          {
            stroke: accent,
            fill: accent,
            points: { show: false },
            paths: uPlot.paths.bars?.({ size: [0.94, Number.POSITIVE_INFINITY] }) as uPlot.Series.PathBuilder,
          },
        ],
        hooks: { setCursor: [({ cursor }) => onHover(cursor.idx == null ? undefined : intervals[cursor.idx])] },
      },
      [
        intervals.map(({ from, to }) => from + (to - from) / 2),
        // A logarithmic scale has no 0.
        intervals.map(({ count }) => (log && count === 0 ? null : count)),
      ],
      element,
    );
  };
  draw();
  const observer = new ResizeObserver(() =>
    plot?.setSize({ width: Math.max(element.clientWidth, 200), height: HEIGHT }),
  );
  observer.observe(element);
  const stop = onThemeChange(element, draw);
  return () => {
    observer.disconnect();
    stop();
    plot?.destroy();
  };
}
