/** What each of many nodes needs, in two lists, because one for each node would take longer to make than to use. */
export interface Needs {
  /** Numbers of nodes that are needed, any of them more than once: those that the first node needs, then the second … */
  readonly needed: readonly number[];
  /** Where in `needed` those of each node start, and then where the last ones end. */
  readonly starts: readonly number[];
}

/**
 * The numbers of nodes in the order in which TensorFlow takes them up: each after those it needs, and of those that
 * could be next always the first. Nodes in a cycle, and what needs them, are left out.
 */
export function topologicalOrder({ needed, starts }: Needs): number[] {
  const count = starts.length - 1;
  const missing = Array.from({ length: count }, (_, node) => (starts[node + 1] as number) - (starts[node] as number));
  const users = turnedAround({ needed, starts });
  const ready = new MinHeap();
  for (let node = 0; node < count; node++) if (missing[node] === 0) ready.push(node);
  const order: number[] = [];
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    order.push(node);
    for (let i = users.starts[node] as number; i < (users.starts[node + 1] as number); i++) {
      const user = users.needed[i] as number;
      const left = (missing[user] as number) - 1;
      missing[user] = left;
      if (left === 0) ready.push(user);
    }
  }
  return order;
}

/** For each node those that need it, in their order. */
function turnedAround({ needed, starts }: Needs): Needs {
  const userStarts = new Array<number>(starts.length).fill(0);
  for (const node of needed) (userStarts[node + 1] as number)++;
  for (let node = 1; node < starts.length; node++) (userStarts[node] as number) += userStarts[node - 1] as number;
  const users = new Array<number>(needed.length).fill(0);
  const next = userStarts.slice();
  for (let user = 0; user + 1 < starts.length; user++) {
    for (let i = starts[user] as number; i < (starts[user + 1] as number); i++) {
      const node = needed[i] as number;
      users[next[node] as number] = user;
      (next[node] as number)++;
    }
  }
  return { needed: users, starts: userStarts };
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
