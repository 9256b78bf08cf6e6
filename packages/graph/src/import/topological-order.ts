/** The dependencies of all nodes in flat lists: a list for each node would dominate the run time. */
export interface Needs {
  /** Numbers of the nodes that each node needs, node after node. Repetitions are allowed. */
  readonly needed: readonly number[];
  /** Position in `needed` at which each node's dependencies start, and finally the length of `needed`. */
  readonly starts: readonly number[];
}

/**
 * Orders nodes as TensorFlow does: each after its dependencies, and among the nodes that are ready, the one with the
 * lowest number first. Leaves out nodes in a cycle and the nodes that depend on them.
 */
export function topologicalOrder({ needed, starts }: Needs): number[] {
  const count = starts.length - 1;
  const missing = Array.from({ length: count }, (_, node) => (starts[node + 1] as number) - (starts[node] as number));
  const users = usersOf({ needed, starts });
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

/** Lists the users of each node. */
function usersOf({ needed, starts }: Needs): Needs {
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

/** A priority queue of numbers, smallest first. */
class MinHeap {
  /** The children of item `i` are at `2i + 1` and `2i + 2`, and are never smaller. */
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
