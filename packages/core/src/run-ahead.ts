/**
 * Calls `run` for each item, at most `width` at the same time, and yields the results in the order of the items.
 *
 * On a failure, or if the consumer stops, it starts no more calls and waits for those that are running.
 */
export async function* runAhead<T, R>(
  items: Iterable<T>,
  width: number,
  run: (item: T) => Promise<R>,
): AsyncGenerator<{ readonly item: T; readonly result: R }> {
  const running: { readonly item: T; readonly result: Promise<R> }[] = [];
  try {
    for (const item of items) {
      const result = run(item);
      // A rejection is reported when the result is awaited below.
      result.catch(() => undefined);
      running.push({ item, result });
      if (running.length < width) continue;
      const first = running.shift() as (typeof running)[number];
      yield { item: first.item, result: await first.result };
    }
    for (let first = running.shift(); first !== undefined; first = running.shift()) {
      yield { item: first.item, result: await first.result };
    }
  } finally {
    await Promise.allSettled(running.map(({ result }) => result));
  }
}
