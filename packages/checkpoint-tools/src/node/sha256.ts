import { createHash } from "node:crypto";

/** Computes the SHA-256 of bytes that come in parts. */
export class Sha256 {
  readonly #hash = createHash("sha256");

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  /** Returns the hash in hexadecimal. Call it once, at the end. */
  hex(): string {
    return this.#hash.digest("hex");
  }
}
