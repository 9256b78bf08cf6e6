/** Measured values by name. */
export type Metrics = Readonly<Record<string, number>>;

/** Measured values by name, or a function that measures them. */
export type MetricsSource = Metrics | (() => Metrics | Promise<Metrics>);

/** Returns a function that measures at its first call, and then repeats the values. It rejects with a `TypeError` for others. */
export function measuredOnce(source: MetricsSource = {}): () => Promise<Metrics> {
  let measured: Promise<Metrics> | undefined;
  return () => {
    measured ??= measure(source);
    return measured;
  };
}

async function measure(source: MetricsSource): Promise<Metrics> {
  const metrics = typeof source === "function" ? await source() : source;
  if (typeof metrics === "object" && metrics !== null) return metrics;
  throw new TypeError(
    `metrics must be values by name, as { loss: 0.5 }, or a function that returns them, not ${metrics}`,
  );
}
