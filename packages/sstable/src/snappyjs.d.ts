declare module "snappyjs/snappy_decompressor.js" {
  export class SnappyDecompressor {
    constructor(compressed: Uint8Array);
    /** Reads the number that the form starts with; -1 if there is none. */
    readUncompressedLength(): number;
    /** Reads the rest. Whether it is of that form. */
    uncompressToBuffer(target: Uint8Array): boolean;
  }
}
