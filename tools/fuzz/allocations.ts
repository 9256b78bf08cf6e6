/*
 * Records the size of the largest typed array that is created. Import it before the code under test, which may keep
 * references to the original constructors.
 */
let largest = 0;

for (const name of [
  "Uint8Array",
  "Int8Array",
  "Uint16Array",
  "Int16Array",
  "Uint32Array",
  "Int32Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
  "ArrayBuffer",
] as const) {
  const size = "BYTES_PER_ELEMENT" in globalThis[name] ? (globalThis[name] as typeof Uint8Array).BYTES_PER_ELEMENT : 1;
  const watched = new Proxy(globalThis[name] as typeof Uint8Array, {
    construct(target, args, newTarget) {
      const [first] = args as [unknown];
      const length = typeof first === "number" ? first : Array.isArray(first) ? first.length : 0;
      largest = Math.max(largest, length * size);
      return Reflect.construct(target, args, newTarget);
    },
  });
  Object.defineProperty(globalThis, name, { value: watched, configurable: true, writable: true });
}

/** Forgets the arrays that were created so far. */
export function resetAllocations(): void {
  largest = 0;
}

/** Returns the size in bytes of the largest array created since {@link resetAllocations}. */
export function largestAllocation(): number {
  return largest;
}
