/** A `google.protobuf.Any` of a collection: kept as its serialized bytes. */
export class AnyMessage {
  constructor(readonly bytes: Uint8Array) {}
}
