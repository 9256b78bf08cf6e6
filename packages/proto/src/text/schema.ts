import type { WIRE_TYPES } from "./wire.js";

/** The types of fields that occur in /proto. */
type FieldType = keyof typeof WIRE_TYPES;

/** What there is to know of a field of a message. */
export interface Field {
  readonly number: number;
  readonly name: string;
  readonly type: FieldType;
  /** The full name of the message or enum. */
  readonly of?: string;
  readonly repeated?: true;
  /** Of the messages of a repeated field, that they are the entries of a map. */
  readonly map?: true;
  /** That the field tells a value that is empty from none. Messages always do. */
  readonly presence?: true;
  /** The name of the group of fields of which one at most is there. */
  readonly oneof?: string;
}

/** Messages and enums by their full names; generated from /proto. */
export interface SchemaData {
  /** Fields in the order of their numbers. */
  readonly messages: Readonly<Record<string, readonly Field[]>>;
  readonly enums: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** A kind of message. */
export interface MessageType {
  readonly name: string;
  readonly fields: readonly Field[];
  readonly byName: ReadonlyMap<string, Field>;
  readonly byNumber: ReadonlyMap<number, Field>;
}

/** A kind of enum. */
export interface EnumType {
  readonly byName: ReadonlyMap<string, number>;
  readonly byNumber: ReadonlyMap<number, string>;
}

/** Looks up types, which are made ready when they are first asked for. */
export class Schema {
  readonly #messages = new Map<string, MessageType>();
  readonly #enums = new Map<string, EnumType>();

  constructor(private readonly data: SchemaData) {}

  /** The message of that full name, if it is known. */
  find(name: string): MessageType | undefined {
    const known = this.#messages.get(name);
    if (known !== undefined || !Object.hasOwn(this.data.messages, name)) return known;
    const fields = this.data.messages[name] as readonly Field[];
    const byName = new Map(fields.map((field) => [field.name, field]));
    const type = { name, fields, byName, byNumber: new Map(fields.map((field) => [field.number, field])) };
    this.#messages.set(name, type);
    return type;
  }

  /** The message that a field of messages, or a name known to be there, stands for. */
  message(of: Field | string): MessageType {
    return this.find(typeof of === "string" ? of : (of.of as string)) as MessageType;
  }

  /** The enum of a field. */
  enum(field: Field): EnumType {
    const name = field.of as string;
    let type = this.#enums.get(name);
    if (type === undefined) {
      const values = Object.entries(this.data.enums[name] as Readonly<Record<string, number>>);
      type = { byName: new Map(values), byNumber: new Map(values.map(([key, value]) => [value, key])) };
      this.#enums.set(name, type);
    }
    return type;
  }
}
