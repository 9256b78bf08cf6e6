import type { MapKey } from "../map-order.js";
import type { Field, MessageType, Schema } from "./schema.js";

/** What a field holds: enums and integers of 32 bits as numbers, integers of 64 bits as bigints. */
export type Value = string | number | bigint | boolean | Uint8Array | Message;

/** A message of any type: what stands between its bytes and its text. */
export class Message {
  readonly #values = new Map<Field, Value | Value[] | Map<MapKey, Message>>();

  constructor(
    readonly schema: Schema,
    readonly type: MessageType,
  ) {}

  /** The value of a field that is not repeated; what an absent one stands for if there is none. */
  get(field: Field): Value {
    return (this.#values.get(field) as Value | undefined) ?? this.#empty(field);
  }

  has(field: Field): boolean {
    return this.#values.has(field);
  }

  /** The values of a repeated field, or the one of another. A map's entries have no order. */
  all(field: Field): readonly Value[] {
    const value = this.#values.get(field);
    if (value === undefined) return [];
    if (value instanceof Map) return [...value.values()];
    return Array.isArray(value) ? value : [value];
  }

  /** A map's entries by their keys. */
  entries(field: Field): ReadonlyMap<MapKey, Message> {
    return (this.#values.get(field) as Map<MapKey, Message> | undefined) ?? new Map();
  }

  /** Takes a value as if it was read after all that is there: lists grow, and other values are replaced. */
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

  /** The message into which one more value of the field is to be read: a new one, or that which is there. */
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

/** Of a field of integers. */
export function isUnsigned({ type }: Field): boolean {
  return /^(?:u|fixed)/.test(type);
}

/** Whether a field that holds `value` is as good as absent. */
export function isAbsent(field: Field, value: Value): boolean {
  if (field.repeated || field.presence || field.type === "message") return false;
  if (value instanceof Uint8Array) return value.length === 0;
  return value === "" || value === false || value === 0n || Object.is(value, 0);
}
