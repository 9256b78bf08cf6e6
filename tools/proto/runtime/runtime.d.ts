export interface Writer {
  finish(): Uint8Array;
}

export interface Reader {
  discardUnknown: boolean;
}

declare const runtime: {
  readonly Writer: new () => Writer;
  readonly Reader: new (bytes: Uint8Array) => Reader;
};
export default runtime;
