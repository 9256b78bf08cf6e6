/** Wire type of each type of field that occurs in /proto. */
export const WIRE_TYPES = {
  bool: 0,
  bytes: 2,
  double: 1,
  enum: 0,
  fixed64: 1,
  float: 5,
  int32: 0,
  int64: 0,
  message: 2,
  sint64: 0,
  string: 2,
  uint32: 0,
  uint64: 0,
} as const;

type FieldType = keyof typeof WIRE_TYPES;

/** A field of a message type. */
export interface Field {
  readonly number: number;
  readonly name: string;
  readonly type: FieldType;
  /** Full name of the message or enum. */
  readonly of?: string;
  readonly repeated?: true;
  /** True if the field is a map: its messages are the entries. */
  readonly map?: true;
  /** True if an empty value differs from an absent one. Messages always do. */
  readonly presence?: true;
  /** Name of the oneof that the field belongs to. */
  readonly oneof?: string;
}

/** Message types and enums by full name; generated from /proto. */
export interface SchemaData {
  /** Fields in the order of their numbers. */
  readonly messages: Readonly<Record<string, readonly Field[]>>;
  readonly enums: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** A message type. */
export interface MessageType {
  readonly name: string;
  readonly fields: readonly Field[];
  readonly byName: ReadonlyMap<string, Field>;
  readonly byNumber: ReadonlyMap<number, Field>;
}

/** An enum. */
export interface EnumType {
  readonly byName: ReadonlyMap<string, number>;
  readonly byNumber: ReadonlyMap<number, string>;
}

/** Looks up types. A type is prepared when it is first used. */
export class Schema {
  readonly #messages = new Map<string, MessageType>();
  readonly #enums = new Map<string, EnumType>();

  constructor(private readonly data: SchemaData) {}

  /** Returns the message type of this full name, if it is known. */
  find(name: string): MessageType | undefined {
    const known = this.#messages.get(name);
    if (known !== undefined || !Object.hasOwn(this.data.messages, name)) return known;
    const fields = this.data.messages[name] as readonly Field[];
    const byName = new Map(fields.map((field) => [field.name, field]));
    const type = { name, fields, byName, byNumber: new Map(fields.map((field) => [field.number, field])) };
    this.#messages.set(name, type);
    return type;
  }

  /** Returns the message type of a field, or of a full name that is known to exist. */
  message(of: Field | string): MessageType {
    return this.find(typeof of === "string" ? of : (of.of as string)) as MessageType;
  }

  /** Returns the enum of a field. */
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
