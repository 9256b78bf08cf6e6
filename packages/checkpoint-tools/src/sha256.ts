/**
 * Computes SHA-256: in JavaScript here, and by Node.js' own implementation, which is many times as fast, under Node.js.
 *
 * @packageDocumentation
 */
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/** Computes the SHA-256 of bytes that come in parts. */
export class Sha256 {
  readonly #hash = nobleSha256.create();

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  /** Returns the hash in hexadecimal. Call it once, at the end. */
  hex(): string {
    return bytesToHex(this.#hash.digest());
  }
}
