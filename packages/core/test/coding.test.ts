import {
  crc32c,
  MAX_VARINT_LENGTH,
  maskCrc,
  unmaskCrc,
  VarintReader,
  varintLength,
  writeVarint,
} from "@tfsaver/core/coding";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, hex } from "../../../fixtures/bytes.js";

const ascii = (text: string) => new TextEncoder().encode(text);
const fill = (length: number, byte: (i: number) => number) => Uint8Array.from({ length }, (_, i) => byte(i));

/** Computes the CRC by its definition, bit by bit. */
function slowCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}

describe("crc32c", () => {
  // From RFC 3720, appendix B.4 (where the bytes are reversed), and the usual check value.
  it.each([
    ["32 bytes of zeros", fill(32, () => 0), 0x8a9136aa],
    ["32 bytes of ones", fill(32, () => 0xff), 0x62a8ab43],
    ["32 incrementing bytes", fill(32, (i) => i), 0x46dd794e],
    ["32 decrementing bytes", fill(32, (i) => 31 - i), 0x113fdb5c],
    [
      "an iSCSI SCSI Read (10) command",
      fromHex("01c00000000000000000000000000000140000000000040000000014000000182800000000000000" + "0200000000000000"),
      0xd9963a56,
    ],
    ["123456789", ascii("123456789"), 0xe3069283],
    ["nothing", new Uint8Array(), 0],
  ])("of %s", (_, bytes, expected) => expect(crc32c(bytes)).toBe(expected));

  it("is the same at every alignment and length", () => {
    const buffer = new Uint8Array(200);
    for (let i = 0; i < buffer.length; i++) buffer[i] = (i * 73 + 11) & 0xff;
    for (let start = 0; start < 20; start++) {
      for (let length = 0; length < 80; length++) {
        const part = buffer.subarray(start, start + length);
        expect(crc32c(part)).toBe(slowCrc32c(part));
      }
    }
  });

  // Computed by google_crc32c, which uses the processor's instruction.
  it.each([
    [49_151, 0x447da94],
    [49_152, 0x4b0d5c25],
    [49_187, 0x3c7e5f1d],
    [131_072 + 5275, 0x2b3e1c2],
    [1_000_003, 0x55211c38],
  ])("of a message of %d bytes, which is folded", (length, expected) => {
    const bytes = fill(length + 3, (i) => (Math.imul(i, 2_654_435_761) >>> 24) & 0xff);
    expect(crc32c(bytes.subarray(0, length))).toBe(expected);
    for (const start of [1, 3]) {
      const part = bytes.subarray(start, length + start);
      expect(crc32c(part.subarray(100), crc32c(part.subarray(0, 100)))).toBe(slowCrc32c(part));
    }
  });

  it("continues the checksum of the preceding bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (bytes, at) => {
        const whole = slowCrc32c(bytes);
        expect(crc32c(bytes.subarray(at), crc32c(bytes.subarray(0, at)))).toBe(whole);
      }),
    );
  });
});

describe("masked checksums", () => {
  it.each([
    [0, 0xa282ead8],
    [0xe3069283, 0xc78ab0e5],
  ])("%d is stored as %d", (crc, masked) => {
    expect(maskCrc(crc)).toBe(masked);
    expect(unmaskCrc(masked)).toBe(crc);
  });

  it("are restored by unmasking", () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), (crc) => {
        expect(unmaskCrc(maskCrc(crc))).toBe(crc);
        expect(maskCrc(crc)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe("varints", () => {
  it.each([
    [0, "00"],
    [1, "01"],
    [127, "7f"],
    [128, "8001"],
    [300, "ac02"],
    [2 ** 32 - 1, "ffffffff0f"],
    [2 ** 32, "8080808010"],
    [Number.MAX_SAFE_INTEGER, "ffffffffffffff0f"],
  ])("%d is %s", (value, digits) => {
    const target = new Uint8Array(MAX_VARINT_LENGTH);
    const end = writeVarint(target, 0, value);
    expect(hex(target.subarray(0, end))).toBe(digits);
    expect(varintLength(value)).toBe(end);
    expect(new VarintReader(target).next()).toBe(value);
  });

  it("are read one after another", () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeNat()), (values) => {
        const target = new Uint8Array(3 + values.reduce((sum, value) => sum + varintLength(value), 0));
        let end = 3;
        for (const value of values) end = writeVarint(target, end, value);
        const reader = new VarintReader(target, 3);
        expect(values.map(() => reader.next())).toEqual(values);
        expect(reader.offset).toBe(target.length);
      }),
    );
  });

  it.each([
    ["nothing", "", "truncated"],
    ["a truncated varint", "80", "truncated"],
    ["one truncated after nine bytes", "ffffffffffffffffff", "truncated"],
    ["2^53", "8080808080808010", "above 2^53 - 1"],
    ["2^64 - 1", "ffffffffffffffffff01", "above 2^53 - 1"],
    ["-1 as protobuf writes it", "ffffffffffffffffff01", "above 2^53 - 1"],
    ["eleven bytes", "8080808080808080808001", "Stored data is too large to be a varint64."],
    ["continuation without end", "ff".repeat(1000), "Stored data is too large to be a varint64."],
  ])("%s is a DataLossError", (_, digits, problem) => {
    expect(() => new VarintReader(fromHex(digits)).next()).toThrow(
      expect.objectContaining({ kind: "DataLossError", message: expect.stringContaining(problem) }),
    );
  });

  it("may be longer than necessary", () => {
    expect(new VarintReader(Uint8Array.of(0x80, 0x80, 0)).next()).toBe(0);
    expect(new VarintReader(Uint8Array.of(0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0)).next()).toBe(1);
  });

  it("never read past their end", () => {
    const reader = new VarintReader(Uint8Array.of(0x80, 0x01), 0, 1);
    expect(() => reader.next()).toThrow(expect.objectContaining({ kind: "DataLossError" }));
  });
});
