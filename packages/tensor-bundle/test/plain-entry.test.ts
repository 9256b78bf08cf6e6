import { BundleEntryProto } from "@tfsaver/checkpoint-proto/bundle";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeEntry } from "../src/encode/entry.js";
import { maxPlainEntrySize, readPlainEntry, writePlainEntry } from "../src/encode/plain-entry.js";

const uint = fc.oneof(fc.nat(300), fc.maxSafeNat());
const message = fc.record({
  dtype: fc.nat(200),
  dims: fc.array(uint, { maxLength: 6 }),
  shardId: fc.nat(),
  offset: uint,
  size: uint,
  crc32c: fc.nat(0xffffffff),
});

function encode({ dims, ...fields }: typeof message extends fc.Arbitrary<infer T> ? T : never): Uint8Array {
  const shape = { dim: dims.map((size) => ({ size, name: "" })), unknownRank: false };
  return BundleEntryProto.encode(BundleEntryProto.create({ ...fields, shape }));
}

/** Decodes an entry with the codec. */
function byCodec(bytes: Uint8Array) {
  const { dtype, shape, shardId: shard, offset, size, crc32c, slices } = BundleEntryProto.decode(bytes);
  const dims = shape?.dim.map((dim) => dim.size) ?? [];
  return { fields: { dtype, dims, shard, offset, size, crc32c: crc32c >>> 0 }, slices };
}

describe("the fast path for entries", () => {
  it("reads the same as the codec", () => {
    fc.assert(
      fc.property(message, (fields) => {
        const bytes = encode(fields);
        expect(readPlainEntry(bytes)).toEqual(byCodec(bytes).fields);
      }),
    );
  });

  it("writes the same as the codec", () => {
    fc.assert(
      fc.property(message, ({ shardId: shard, ...fields }) => {
        const entry = { ...fields, shard };
        const bytes = new Uint8Array(3 + maxPlainEntrySize(entry));
        expect(bytes.slice(3, writePlainEntry(bytes, 3, entry))).toEqual(encode({ ...fields, shardId: shard }));
      }),
    );
  });

  it("agrees with the codec on damaged entries, or leaves them to it", () => {
    const damage = fc.array(fc.record({ at: fc.nat(60), byte: fc.nat(255) }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(message, damage, fc.nat(60), (fields, changes, length) => {
        const bytes = encode(fields).slice(0, length);
        for (const { at, byte } of changes) if (at < bytes.length) bytes[at] = byte;
        const plain = readPlainEntry(bytes);
        if (plain === undefined) return;
        const { fields: expected, slices } = byCodec(bytes);
        expect(plain).toEqual(expected);
        expect(slices).toEqual([]);
      }),
      { numRuns: 5000 },
    );
  });

  it("leaves partitioned tensors to the codec", () => {
    const slices = [{ extent: [{ start: 0, length: 2 }] }];
    const shape = { dim: [{ size: 4, name: "" }], unknownRank: false };
    const bytes = BundleEntryProto.encode(BundleEntryProto.create({ dtype: 1, shape, slices }));
    expect(readPlainEntry(bytes)).toBeUndefined();
    expect(decodeEntry("w", bytes, { path: "m.index", offset: 0 }).slices).toEqual([[{ start: 0, length: 2 }]]);
  });
});
