import { isCheckpointError } from "@tfsaver/core";
import { describe, expect, it } from "vitest";
import { fromHex } from "../../../fixtures/bytes.js";
import { uncompress } from "../src/snappy.js";

const utf8 = new TextEncoder();
const where = { path: "table", offset: 7 };

const squares = Uint8Array.from({ length: 300 }, (_, i) => (i * i * 31 + i * 7) % 251);

describe("blocks that TensorFlow 2.21 compressed (tf.raw_ops.CompressElement)", () => {
  it.each([
    ["a literal", utf8.encode("abc"), "0308616263"],
    ["one byte, repeated by copies that overlap their output", utf8.encode("a".repeat(100)), "640061fe01008a0100"],
    [
      "names with a common beginning, by copies of every length",
      utf8.encode(Array.from({ length: 12 }, (_, i) => `layer_${i}/kernel;layer_${i}/bias;`).join("")),
      "d402386c617965725f302f6b65726e656c3b110f0c626961730d0d0031361c0000312e1c000032361c0000322e1c00003336" +
        "1c0000332e1c000034361c0000342e1c000035361c0000352e1c000036361c0000362e1c000037361c0000372e1c00003836" +
        "1c0000382e1c000039361c0000392e1c0000313a1901043130321e003e1b0118312f626961733b",
    ],
    [
      "a long literal, repeated from far away",
      Uint8Array.of(...squares, ...utf8.encode("0123456789".repeat(3)), ...squares),
      "f604f0fd00268a3116399a3e20409e3f1e3b9634102a821df10d62f5cbdf36c699aaf98b5b69b544111c65ecb6be098d5459" +
        "9c22e1e328a66766a323dcd8178f4a437aefa79dd148f8eb2190423260cc7b689301a892ba25c9b0d53ddec2e449e7c8e749" +
        "e4c2de3dd5b0c925ba92a80193687bcc6032429021ebf848d19da7ef7a434a8f17d8dc23a36667a628e3e1229c59548d09be" +
        "b6ec651c1144b5695b8bf9aa99c636dfcbf5620df11d822a1034963b1e3f9e40203e9a3916318a2600186e07d9ee46d7abbd" +
        "12a07180cd5d2b37810ed4dd29ae767cc0470c0f50cf9191cf500f0c47c07c76ae29ddd40e81372b5dcd8071a012bdabd746" +
        "eed9076e1800268ab6fb0024303132333435363738394e0a00fe4a01fe4a01fe4a01fe4a01ae4a01",
    ],
  ])("%s", (_, plain, stored) => {
    expect(uncompress(fromHex(stored), where)).toEqual(plain);
  });
});

describe("elements that TensorFlow's compressor does not write", () => {
  it.each([
    ["nothing", "00", ""],
    ["a copy with an offset of four bytes", "08086162631303000000", "6162636162636162"],
    ["a literal whose length takes two bytes", "03f40200616263", "616263"],
    ["a literal whose length takes four bytes", "03fc02000000616263", "616263"],
    ["a copy of one byte from the byte before", "020061020100", "6161"],
  ])("%s", (_, stored, plain) => {
    expect(uncompress(fromHex(stored), where)).toEqual(fromHex(plain));
  });
});

describe("damaged blocks", () => {
  it.each([
    ["empty", "", "a varint is truncated"],
    ["a length without elements", "05", "can't hold the declared 5"],
    ["a length that is truncated", "80", "a varint is truncated"],
    ["a length of ten bytes", "ffffffffffffffffff01", "above 2^53 - 1"],
    ["more declared than the elements yield", "0808616263", "3 bytes instead of the declared 8"],
    ["less declared than the elements yield", "0208616263", "more bytes than declared"],
    ["a literal that is truncated", "03086162", "a literal is truncated"],
    ["a literal of 4 GiB", "03fcffffffff616263", "a literal is truncated"],
    ["the length of a literal that is truncated", "03f402", "an element is truncated"],
    ["a copy without an offset", "0400610d", "an element is truncated"],
    ["a copy whose offset is truncated", "0400610e01", "an element is truncated"],
    ["a copy from 0 bytes before", "0500610d00", "a copy from 0 bytes before byte 1"],
    ["a copy from before the start", "0500610d02", "a copy from 2 bytes before byte 1"],
    ["a copy from 4 GiB before", "0400610bffffffff", "a copy from 4294967295 bytes before byte 1"],
    ["a copy beyond the end", "0300610d01", "more bytes than declared"],
  ])("%s", (_, stored, problem) => {
    const error = errorOf(() => uncompress(fromHex(stored), where));
    expect(error.message).toBe("table: corrupted compressed block contents (block at offset 7)");
    expect(error).toMatchObject({ path: "table", offset: 7, cause: { message: expect.stringContaining(problem) } });
  });

  it("a few bytes that declare gigabytes are refused before anything is allocated", () => {
    // 2^33 bytes.
    expect(errorOf(() => uncompress(fromHex(`8080808020${"fe0100".repeat(1000)}`), where)).cause).toMatchObject({
      message: "3005 bytes can't hold the declared 8589934592",
    });
  });

  it("allows the maximum length that elements can produce", () => {
    const copies = 1000;
    const length = 1 + 64 * copies;
    const header = [(length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14];
    const stored = Uint8Array.of(...header, 0, 97, ...Array.from({ length: copies }, () => [0xfe, 1, 0]).flat());
    expect(uncompress(stored, where)).toEqual(new Uint8Array(length).fill(97));
  });
});

function errorOf(action: () => unknown) {
  try {
    action();
  } catch (error) {
    if (isCheckpointError(error, "DataLossError")) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
