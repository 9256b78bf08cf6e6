import { isCheckpointError } from "@tfsaver/core";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { useApp } from "../../../app/context.js";
import type { Source } from "../../../app/source.js";
import type { TrendPoint } from "../../../model/compare/trend.js";
import { isCheckpoint } from "../../../model/is-checkpoint.js";
import type { CatalogEntry } from "../../../model/tensors/catalog.js";

/** The statistics of a tensor over all checkpoints of a folder, as far as they are read. */
export interface TrendReading {
  readonly points: readonly TrendPoint[];
  readonly isRunning: boolean;
  /** Number of checkpoints that were read. */
  readonly done: number;
  /** Bytes that reading the others takes, if the tensor is of the same size in all. */
  readonly bytes: number;
  /** Goes on with what was not read yet. */
  start(): void;
  stop(): void;
}

/** Reads a tensor in all checkpoints of a folder, one after the other. Starts at once, after asking if it costs much. */
export function useTrend(source: Source, folder: string | undefined, { name, size }: CatalogEntry): TrendReading {
  const { engine, askFirst } = useApp();
  const [points, setPoints] = useState<readonly TrendPoint[]>(() =>
    source.found.checkpoints
      .filter((one) => one.folder === folder && isCheckpoint(one))
      .map(({ path, step }) => ({ path, step, statistics: undefined, error: undefined, isDone: false })),
  );
  const [running, setRunning] = useState<AbortController | undefined>(undefined);
  const latest = useRef(points);
  latest.current = points;
  const left = points.filter(({ isDone }) => !isDone);
  const bytes = left.length * size;

  const start = useCallback(() => {
    const abort = new AbortController();
    const { signal } = abort;
    const read = async (point: TrendPoint): Promise<TrendPoint> => {
      try {
        const statistics = await engine.trendPoint({ source: source.id, path: point.path, name }, { signal });
        return { ...point, statistics, isDone: true };
      } catch (error) {
        if (isCheckpointError(error, "CancelledError")) throw error;
        return { ...point, error: error as Error, isDone: true };
      }
    };
    const run = async () => {
      const wanted = latest.current.filter(({ isDone }) => !isDone);
      await askFirst.mayRead(wanted.length * size, `Read the tensor in ${wanted.length} checkpoints`);
      for (const point of wanted) {
        const result = await read(point);
        setPoints((before) => before.map((one) => (one.path === point.path ? result : one)));
      }
    };
    setRunning(abort);
    // Only the person ends it early: other errors are kept at their points.
    run()
      .catch(() => undefined)
      .finally(() => setRunning((now) => (now === abort ? undefined : now)));
    return abort;
  }, [engine, askFirst, source, name, size]);

  useEffect(() => {
    const abort = start();
    return () => abort.abort();
  }, [start]);

  const stop = useCallback(() => running?.abort(), [running]);
  return { points, isRunning: running !== undefined, done: points.length - left.length, bytes, start, stop };
}
