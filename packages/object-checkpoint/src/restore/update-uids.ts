/** The load that last gave a value to each object, in any checkpoint. */
const uids = new WeakMap<object, number>();
let last = 0;

/** Returns the number of a new load. Later loads have larger numbers. */
export function nextUid(): number {
  return ++last;
}

/** Returns the number of the load that last gave a value to an object; 0 if none did. */
export function updateUidOf(object: object): number {
  return uids.get(object) ?? 0;
}

/** Records that a load gives a value to an object. */
export function setUpdateUid(object: object, uid: number): void {
  uids.set(object, uid);
}

/** Records that objects have the values that they had before a load, unless a later one has given them others. */
export function giveBack(objects: readonly { readonly object: object; readonly before: number }[], uid: number): void {
  for (const { object, before } of objects) if (updateUidOf(object) === uid) setUpdateUid(object, before);
}
