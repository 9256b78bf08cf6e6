/**
 * Does `run` for each item, up to `width` at the same time, and gives the results in the order of the items.
 *
 * When the first fails, or whoever takes the results stops, waits for those that are under way and starts no others.
 */
export async function* ahead<T, R>(
  items: Iterable<T>,
  width: number,
  run: (item: T) => Promise<R>,
): AsyncGenerator<{ readonly item: T; readonly result: R }> {
  const running: { readonly item: T; readonly result: Promise<R> }[] = [];
  try {
    for (const item of items) {
      const result = run(item);
      // A failure is told when its turn comes.
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
