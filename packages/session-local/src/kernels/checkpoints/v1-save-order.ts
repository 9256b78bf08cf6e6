/** Up to this many items, libstdc++ sorts by insertion, which keeps equal items in order. */
const SMALL = 16;

/**
 * Sorts tensors in the order in which TensorFlow's V1 save operations write them: by name, with libstdc++'s introsort. For
 * more than 16 tensors, that sort reorders equal names (the slices of one tensor), and their order is part of the file.
 *
 * @returns indices into `names`
 */
export function v1SaveOrder(names: readonly string[]): number[] {
  const items = names.map((_, i) => i);
  const before = (a: number | undefined, b: number | undefined) =>
    (names[a as number] as string) < (names[b as number] as string);
  sort(items, 0, items.length, before);
  if (items.length <= SMALL) insertionSort(items, 0, items.length, before);
  else {
    insertionSort(items, 0, SMALL, before);
    for (let i = SMALL; i < items.length; i++) insertUnguarded(items, i, before);
  }
  return items;
}

type Before = (a: number | undefined, b: number | undefined) => boolean;

/** Partitions the items until every part is small. Small parts are left to the insertion sort. */
function sort(items: number[], first: number, end: number, before: Before): void {
  let last = end;
  while (last - first > SMALL) {
    const cut = partition(items, first, last, before);
    sort(items, cut, last, before);
    last = cut;
  }
}

function partition(items: number[], first: number, last: number, before: Before): number {
  medianToFirst(items, first, first + 1, first + ((last - first) >> 1), last - 1, before);
  let low = first + 1;
  let high = last;
  for (;;) {
    while (before(items[low], items[first])) low++;
    high--;
    while (before(items[first], items[high])) high--;
    if (low >= high) return low;
    swap(items, low, high);
    low++;
  }
}

function medianToFirst(items: number[], to: number, a: number, b: number, c: number, before: Before): void {
  const [x, y, z] = [items[a], items[b], items[c]];
  if (before(x, y)) swap(items, to, before(y, z) ? b : before(x, z) ? c : a);
  else swap(items, to, before(x, z) ? a : before(y, z) ? c : b);
}

function insertionSort(items: number[], first: number, last: number, before: Before): void {
  for (let i = first + 1; i < last; i++) {
    if (before(items[i], items[first])) items.splice(first, 0, items.splice(i, 1)[0] as number);
    else insertUnguarded(items, i, before);
  }
}

function insertUnguarded(items: number[], at: number, before: Before): void {
  const item = items[at] as number;
  let i = at;
  for (; before(item, items[i - 1]); i--) items[i] = items[i - 1] as number;
  items[i] = item;
}

function swap(items: number[], a: number, b: number): void {
  [items[a], items[b]] = [items[b] as number, items[a] as number];
}
