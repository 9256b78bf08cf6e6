export interface Reader {
  discardUnknown: boolean;
}

declare const runtime: { readonly Reader: new (bytes: Uint8Array) => Reader };
export default runtime;
