import type { MapKey } from "@tfsaver/checkpoint-proto/wire";
import type { Field, MessageType, Schema } from "./schema.js";

/** The value of a field. Enums and 32-bit integers are numbers, 64-bit integers are bigints. */
export type Value = string | number | bigint | boolean | Uint8Array | Message;

/** A message of any type: the form between its bytes and its text. */
export class Message {
  readonly #values = new Map<Field, Value | Value[] | Map<MapKey, Message>>();

  constructor(
    readonly schema: Schema,
    readonly type: MessageType,
  ) {}

  /** Returns the value of a field that is not repeated, or the field's default if it is absent. */
  get(field: Field): Value {
    return (this.#values.get(field) as Value | undefined) ?? this.#empty(field);
  }

  has(field: Field): boolean {
    return this.#values.has(field);
  }

  /** Returns the values of a field, none if it is absent. The entries of a map are in no particular order. */
  all(field: Field): readonly Value[] {
    const value = this.#values.get(field);
    if (value === undefined) return [];
    if (value instanceof Map) return [...value.values()];
    return Array.isArray(value) ? value : [value];
  }

  /** Returns the entries of a map by their keys. */
  entries(field: Field): ReadonlyMap<MapKey, Message> {
    return (this.#values.get(field) as Map<MapKey, Message> | undefined) ?? new Map();
  }

  /** Adds a value to a repeated field, or replaces the value of another. */
  put(field: Field, value: Value): void {
    if (field.map) this.#putEntry(field, value as Message);
    else if (field.repeated) {
      const list = this.#values.get(field) as Value[] | undefined;
      if (list === undefined) this.#values.set(field, [value]);
      else list.push(value);
    } else {
      if (field.oneof !== undefined) this.#leaveOneof(field);
      this.#values.set(field, value);
    }
  }

  /** Returns the message to read the next value of a field into: the existing one unless the field is repeated. */
  messageFor(field: Field): Message {
    if (!field.repeated && this.has(field)) return this.get(field) as Message;
    return new Message(this.schema, this.schema.message(field));
  }

  #putEntry(field: Field, entry: Message): void {
    const key = entry.type.byName.get("key") as Field;
    const value = entry.type.byName.get("value") as Field;
    for (const part of [key, value]) if (!entry.has(part)) entry.put(part, entry.get(part));
    const map = (this.#values.get(field) ?? new Map()) as Map<MapKey, Message>;
    this.#values.set(field, map.set(entry.get(key) as MapKey, entry));
  }

  #leaveOneof({ oneof }: Field): void {
    for (const other of this.type.fields) if (other.oneof === oneof) this.#values.delete(other);
  }

  #empty(field: Field): Value {
    switch (field.type) {
      case "message":
        return new Message(this.schema, this.schema.message(field));
      case "string":
        return "";
      case "bytes":
        return new Uint8Array();
      case "bool":
        return false;
      default:
        return is64Bit(field) ? 0n : 0;
    }
  }
}

export function is64Bit({ type }: Field): boolean {
  return type.endsWith("64");
}

/** True for unsigned integers. Call it for integer fields only. */
export function isUnsigned({ type }: Field): boolean {
  return /^(?:u|fixed)/.test(type);
}

/** True if the encoding omits a field with this value. */
export function isAbsent(field: Field, value: Value): boolean {
  if (field.repeated || field.presence || field.type === "message") return false;
  if (value instanceof Uint8Array) return value.length === 0;
  return value === "" || value === false || value === 0n || Object.is(value, 0);
}
