export interface Writer {
  finish(): Uint8Array;
}

declare const runtime: { readonly Writer: new () => Writer };
export default runtime;
