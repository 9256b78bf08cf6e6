import { useMemo } from "preact/hooks";
import { useApp } from "../../app/context.js";
import type { Source } from "../../app/source.js";
import { isCheckpoint } from "../../model/is-checkpoint.js";
import { metricNames } from "../../model/timeline.js";
import { NameText } from "../../ui/name-text.js";
import type { FoundCheckpoint } from "../../worker/find/found-checkpoint.js";
import { formatTime } from "./format-time.js";
import { TimelinePicture } from "./timeline-picture.js";
import { wholenessOf } from "./wholeness.js";

/** Checkpoints that are listed at first. */
const SHOWN = 200;

interface TimelineProps {
  readonly source: Source;
  readonly path: string;
}

/** Lists the checkpoints of the same source: step, time, metrics, what the state file says, and if they are whole. */
export function Timeline({ source, path }: TimelineProps) {
  const { diagnoses } = useApp();
  const { checkpoints } = source.found;
  const shown = useMemo(() => checkpoints.slice(-SHOWN), [checkpoints]);
  const metrics = useMemo(() => metricNames(checkpoints), [checkpoints]);
  if (checkpoints.length < 2) return null;
  const checkAll = () => {
    for (const one of shown) if (isCheckpoint(one)) diagnoses.start(source, one.path);
  };
  return (
    <section class="timeline">
      <h3>Checkpoints here</h3>
      <TimelinePicture source={source} path={path} checkpoints={shown} />
      <div class="table">
        <table class="number">
          <thead>
            <tr>
              <th scope="col">Checkpoint</th>
              <th scope="col">Step</th>
              <th scope="col">Time</th>
              {metrics.map((name) => (
                <th scope="col" key={name}>
                  <NameText text={name} inRow />
                </th>
              ))}
              <th scope="col">State file</th>
              <th scope="col">Files</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((one) => (
              <TimelineRow key={one.path} one={one} source={source} isShown={one.path === path} metrics={metrics} />
            ))}
          </tbody>
        </table>
      </div>
      {checkpoints.length > SHOWN && (
        <p class="quiet">
          The newest {SHOWN} of {checkpoints.length}.
        </p>
      )}
      <button type="button" onClick={checkAll}>
        Check which are whole
      </button>
    </section>
  );
}

interface TimelineRowProps {
  readonly one: FoundCheckpoint;
  readonly source: Source;
  readonly isShown: boolean;
  readonly metrics: readonly string[];
}

function TimelineRow({ one, source, isShown, metrics }: TimelineRowProps) {
  const app = useApp();
  const { path, step, modifiedMs } = one;
  return (
    <tr aria-current={isShown ? "true" : undefined}>
      <th scope="row">
        <button type="button" class="link" onClick={() => app.go({ checkpoint: path })}>
          <NameText text={path} inRow />
        </button>
      </th>
      <td>{step?.toLocaleString("en") ?? ""}</td>
      <td>{modifiedMs ? <Time ms={modifiedMs} /> : ""}</td>
      {metrics.map((name) => (
        <td key={name}>{formatMetric(one.metrics[name])}</td>
      ))}
      <td>{one.isLatest ? "latest" : one.inState ? "kept" : ""}</td>
      <td>
        <Whole source={source} path={path} />
      </td>
    </tr>
  );
}

function Time({ ms }: { readonly ms: number }) {
  const date = new Date(ms);
  // A time that no calendar has.
  if (Number.isNaN(date.getTime())) return null;
  return <time dateTime={date.toISOString()}>{formatTime(ms)}</time>;
}

function Whole({ source, path }: TimelineProps) {
  switch (wholenessOf(useApp(), source, path)) {
    case "running":
      return <span class="quiet">…</span>;
    case "unreadable":
      return <span class="damage">not readable</span>;
    case "damaged":
      return <span class="damage">damaged</span>;
    case "whole":
      return <span class="good">whole</span>;
    default:
      return null;
  }
}

function formatMetric(value: number | undefined): string {
  return value === undefined ? "" : String(Number(value.toPrecision(6)));
}
