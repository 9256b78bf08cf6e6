import { formatCount } from "@tfsaver/checkpoint-tools/printing";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Interval, shortNumber } from "../../../model/pictures/intervals.js";
import { ScrollBox } from "../../../ui/scroll-box.js";

interface HistogramProps {
  readonly intervals: readonly Interval[];
  readonly log: boolean;
}

/** Shows a histogram as a picture, and its numbers as a table. */
export function Histogram({ intervals, log }: HistogramProps) {
  const element = useRef<HTMLDivElement>(null);
  const [hovered, setHovered] = useState<Interval | undefined>(undefined);
  useEffect(() => {
    let remove: (() => void) | undefined;
    let isGone = false;
    // The library that draws is loaded when it is first needed.
    void import("./draw-histogram.js").then(({ drawHistogram }) => {
      if (element.current !== null && !isGone) {
        remove = drawHistogram(element.current, intervals, { log, onHover: setHovered });
      }
    });
    return () => {
      isGone = true;
      remove?.();
    };
  }, [intervals, log]);
  return (
    <figure class="histogram">
      <div
        ref={element}
        class="histogram-picture"
        role="img"
        aria-label="Histogram. Its numbers are in the table below."
      />
      <p class="cell-status number quiet" aria-hidden>
        {hovered && intervalText(hovered)}
      </p>
      <details>
        <summary>Histogram as a table</summary>
        <ScrollBox label="Histogram">
          <table class="number">
            <thead>
              <tr>
                <th scope="col">From</th>
                <th scope="col">To</th>
                <th scope="col">Elements</th>
              </tr>
            </thead>
            <tbody>
              {intervals.map(({ from, to, count }) => (
                <tr key={from}>
                  <th scope="row">{shortNumber(from)}</th>
                  <td>{shortNumber(to)}</td>
                  <td>{count.toLocaleString("en")}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollBox>
      </details>
    </figure>
  );
}

function intervalText({ from, to, count }: Interval): string {
  return `${shortNumber(from)} to ${shortNumber(to)}: ${formatCount(count, "element")}`;
}
