/** Measured values by name. */
export type Metrics = Readonly<Record<string, number>>;

/** Measured values by name, or a function that measures them. */
export type MetricsSource = Metrics | (() => Metrics | Promise<Metrics>);

/** Returns a function that measures at its first call, and then repeats the values. */
export function measuredOnce(source: MetricsSource = {}): () => Promise<Metrics> {
  let measured: Promise<Metrics> | undefined;
  return () => {
    measured ??= (async () => (typeof source === "function" ? source() : source))();
    return measured;
  };
}
