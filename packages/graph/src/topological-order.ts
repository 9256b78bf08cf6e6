/**
 * The numbers of nodes in the order in which TensorFlow takes them up: each after those it needs, and of those that
 * could be next always the first. Nodes in a cycle, and what needs them, are left out.
 *
 * @param needs - for each node the numbers of those it needs, any of them more than once
 */
export function topologicalOrder(needs: readonly (readonly number[])[]): number[] {
  const neededBy: number[][] = needs.map(() => []);
  const missing = needs.map(({ length }) => length);
  for (const [node, needed] of needs.entries()) for (const other of needed) (neededBy[other] as number[]).push(node);
  const ready = new MinHeap();
  for (const [node, count] of missing.entries()) if (count === 0) ready.push(node);
  const order: number[] = [];
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    order.push(node);
    for (const other of neededBy[node] as number[]) {
      const count = (missing[other] as number) - 1;
      missing[other] = count;
      if (count === 0) ready.push(other);
    }
  }
  return order;
}

/** Gives back the smallest of the numbers in it first. */
class MinHeap {
  /** The children of place `i` are at `2i + 1` and `2i + 2`, and never smaller. */
  readonly #items: number[] = [];

  push(item: number): void {
    const items = this.#items;
    let at = items.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = items[parent] as number;
      if (above <= item) break;
      items[at] = above;
      at = parent;
    }
    items[at] = item;
  }

  pop(): number | undefined {
    const items = this.#items;
    const [first] = items;
    const last = items.pop();
    if (last === undefined || items.length === 0) return first;
    let at = 0;
    for (let child = 1; child < items.length; child = 2 * at + 1) {
      if (child + 1 < items.length && (items[child + 1] as number) < (items[child] as number)) child++;
      if ((items[child] as number) >= last) break;
      items[at] = items[child] as number;
      at = child;
    }
    items[at] = last;
    return first;
  }
}
