import { hexBytes } from "./cell-text.js";

/** Bytes in a line. */
const WIDTH = 16;

/** Prints bytes as lines: the offset, 16 bytes in hex, and those that are printable ASCII as text. */
export function hexLines(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += WIDTH) {
    const part = bytes.subarray(at, at + WIDTH);
    const text = Array.from(part, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
    lines.push(`${at.toString(16).padStart(8, "0")}  ${hexBytes(part).padEnd(3 * WIDTH)} ${text}`);
  }
  return lines.join("\n");
}
