import { escapeUnsafe, shortNumber } from "@tfsaver/checkpoint-tools/printing";
import { useMemo } from "preact/hooks";
import { useApp } from "../../app/context.js";
import type { Source } from "../../app/source.js";
import {
  type MetricLine,
  type TimelineAxis,
  type TimelinePoint,
  timelineAxes,
  timelinePicture,
} from "../../model/timeline.js";
import { NameText } from "../../ui/name-text.js";
import type { FoundCheckpoint } from "../../worker/find/found-checkpoint.js";
import { formatTime } from "./format-time.js";
import { wholenessOf } from "./wholeness.js";

interface TimelinePictureProps {
  readonly source: Source;
  /** The checkpoint that is shown. */
  readonly path: string;
  readonly checkpoints: readonly FoundCheckpoint[];
}

/** Draws checkpoints as marks on a line, by step or by time, and their metrics as small lines. A table says the same. */
export function TimelinePicture({ source, path, checkpoints }: TimelinePictureProps) {
  const app = useApp();
  const axes = useMemo(() => timelineAxes(checkpoints), [checkpoints]);
  const { along } = app.address.value.params;
  const axis = axes.find((one) => one === along) ?? axes[0];
  const folder = checkpoints.find((one) => one.path === path)?.folder ?? "";
  const picture = useMemo(
    () => (axis === undefined ? undefined : timelinePicture(checkpoints, axis, folder)),
    [checkpoints, axis, folder],
  );
  if (axis === undefined || picture === undefined) return null;
  const { low, high, tracks, moreTracks, metrics } = picture;
  const format = axis === "step" ? (value: number) => value.toLocaleString("en") : formatTime;
  return (
    <>
      {axes.length > 1 && (
        <label>
          Along{" "}
          <select
            value={axis}
            onChange={({ currentTarget: { value } }) =>
              app.setParams({ along: value === axes[0] ? undefined : value }, { replace: true })
            }
          >
            <option value="step">steps</option>
            <option value="time">time</option>
          </select>
        </label>
      )}
      <div
        class="timeline-picture"
        role="img"
        aria-label={`Checkpoints by ${axis}, from ${format(low)} to ${format(high)}; the table says the same`}
      >
        {tracks.map((track) => (
          <div class="timeline-row" key={track.folder}>
            <span class="quiet">{tracks.length > 1 && <NameText text={track.folder || "/"} inRow />}</span>
            <svg class="timeline-track" height="28" aria-hidden="true">
              <line x1="0" x2="100%" y1="14" y2="14" />
              {track.points.map((point) => (
                <Mark
                  key={point.checkpoint.path}
                  point={point}
                  source={source}
                  isShown={point.checkpoint.path === path}
                />
              ))}
            </svg>
          </div>
        ))}
        <div class="timeline-row">
          <span />
          <span class="timeline-ends number quiet">
            <span>{format(low)}</span>
            <span>{format(high)}</span>
          </span>
        </div>
        {metrics.map(({ name, lines, ...range }) => (
          <div class="timeline-row" key={name}>
            <span>
              <NameText text={name} inRow />
              <span class="number quiet">
                {" "}
                {shortNumber(range.low)} – {shortNumber(range.high)}
              </span>
            </span>
            <svg
              class="timeline-metric"
              height="36"
              viewBox="0 0 1000 36"
              preserveAspectRatio="none"
              aria-hidden="true"
            >
              {lines.map((points, i) => (
                <polyline key={i} points={polylinePoints(points)} />
              ))}
            </svg>
          </div>
        ))}
      </div>
      {moreTracks > 0 && <p class="quiet">{moreTracks} more folders are only in the table.</p>}
      <Legend axis={axis} />
    </>
  );
}

/** Returns the points of a line; a single one twice, because a line of one point is not drawn. */
function polylinePoints(points: MetricLine["lines"][number]): string {
  const all = points.length === 1 ? [...points, ...points] : points;
  return all.map(([x, y]) => `${x * 1000},${32 - y * 28}`).join(" ");
}

interface MarkProps {
  readonly point: TimelinePoint;
  readonly source: Source;
  readonly isShown: boolean;
}

/** A checkpoint: a disc if the state file names it, a ring if not; a diamond is the latest, a cross is damaged. */
function Mark({ point: { checkpoint, place }, source, isShown }: MarkProps) {
  const app = useApp();
  const { path, inState, isLatest } = checkpoint;
  const wholeness = wholenessOf(app, source, path);
  const isDamaged = wholeness === "damaged" || wholeness === "unreadable";
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the table has a button for each
    <svg
      class={`mark ${isDamaged ? "damaged" : (wholeness ?? "")} ${inState || isLatest ? "kept" : ""}`}
      x={`${place * 100}%`}
      overflow="visible"
      onClick={() => app.go({ checkpoint: path })}
    >
      <title>{escapeUnsafe(path.slice(0, 300))}</title>
      {isShown && <circle class="shown" cx="0" cy="14" r="11" />}
      <MarkShape isDamaged={isDamaged} isLatest={isLatest} />
    </svg>
  );
}

function MarkShape({ isDamaged, isLatest }: { readonly isDamaged: boolean; readonly isLatest: boolean }) {
  if (isDamaged) return <path class="cross" d="M -5 9 L 5 19 M -5 19 L 5 9" />;
  if (isLatest) return <path d="M 0 7 L 7 14 L 0 21 L -7 14 Z" />;
  return <circle cx="0" cy="14" r="5" />;
}

/** Says what each mark means. */
function Legend({ axis }: { readonly axis: TimelineAxis }) {
  const entries = [
    { text: "latest", kept: true, isLatest: true, isDamaged: false },
    { text: "in the state file", kept: true, isLatest: false, isDamaged: false },
    { text: "not in it", kept: false, isLatest: false, isDamaged: false },
    { text: "damaged", kept: false, isLatest: false, isDamaged: true },
  ];
  return (
    <p class="timeline-legend quiet">
      {entries.map(({ text, kept, ...shape }) => (
        <span key={text}>
          <svg
            class={`mark ${shape.isDamaged ? "damaged" : ""} ${kept ? "kept" : ""}`}
            width="16"
            height="16"
            aria-hidden="true"
          >
            <g transform="translate(8 -6)">
              <MarkShape {...shape} />
            </g>
          </svg>{" "}
          {text}
        </span>
      ))}
      <span>
        <svg class="mark whole kept" width="16" height="16" aria-hidden="true">
          <g transform="translate(8 -6)">
            <MarkShape isDamaged={false} isLatest={false} />
          </g>
        </svg>{" "}
        whole
      </span>
      <span>{axis === "time" ? "by the time of the last write" : ""}</span>
    </p>
  );
}
