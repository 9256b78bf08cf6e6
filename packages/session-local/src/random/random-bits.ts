/**
 * Draws 64 bits for a generator without a seed: from the system, or, if the session has a seed, from that and the name of
 * the operation (by a 64-bit FNV-1a hash).
 */
export function drawBits(seed: bigint | undefined, name: string): bigint {
  if (seed === undefined) return crypto.getRandomValues(new BigUint64Array(1))[0] as bigint;
  let hash = 0xcbf29ce484222325n ^ seed;
  for (const byte of new TextEncoder().encode(name)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return BigInt.asUintN(64, hash);
}
