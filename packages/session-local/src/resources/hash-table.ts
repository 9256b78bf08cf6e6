import { type DType, dtypeInfo, dtypeMessageName, InvalidArgumentError } from "@tfsaver/core";
import { LocalResource, type ResourceKey } from "./local-resource.js";

/** A key or a value: a number, a 64-bit integer, or bytes. */
export type TableElement = number | bigint | Uint8Array;

/** A key with its value. */
export interface TableEntry {
  readonly key: TableElement;
  readonly value: TableElement;
}

/** Entries by the identity of their key, in the order of insertion. */
type Entries = Map<number | bigint | string, TableEntry>;

const KEY_DTYPES: ReadonlySet<DType> = new Set(["string", "int64", "int32"]);

/**
 * The memory of one table in a {@link LocalSession}. Keys stay in the order of insertion; in TensorFlow, the order depends
 * on the hash function.
 */
export class HashTable extends LocalResource {
  #entries: Entries = new Map();
  /** True if a snapshot has the same entries, so that they are copied before they change. */
  #isShared = false;
  #bytes = 0;

  /** @throws `InvalidArgumentError` if tables can't have these dtypes. */
  constructor(
    key: ResourceKey,
    readonly keyDtype: DType,
    readonly valueDtype: DType,
  ) {
    super(key);
    if (!KEY_DTYPES.has(keyDtype) || dtypeInfo(valueDtype).lanes > 1) {
      throw new InvalidArgumentError(`A table can't have ${keyDtype} keys and ${valueDtype} values`);
    }
  }

  /** Number of keys. */
  get size(): number {
    return this.#entries.size;
  }

  override get bytes(): number {
    return this.#bytes;
  }

  /** @throws `InvalidArgumentError` if the table has other dtypes. */
  requireDtypes(keyDtype: DType, valueDtype: DType): void {
    if (keyDtype === this.keyDtype && valueDtype === this.valueDtype) return;
    const names = [keyDtype, valueDtype, this.keyDtype, this.valueDtype].map(dtypeMessageName);
    throw new InvalidArgumentError(
      `Conflicting key/value dtypes ${names[0]}->${names[1]} with ${names[2]}-${names[3]} for table ${this.name}`,
    );
  }

  /** Makes an empty table of the same kind, to be filled and then given to {@link replace}. */
  makeEmpty(): HashTable {
    return new HashTable(this, this.keyDtype, this.valueDtype);
  }

  override snapshot(): HashTable {
    const copy = this.makeEmpty();
    copy.replace(this);
    copy.#isShared = true;
    this.#isShared = true;
    return copy;
  }

  /** Sets the value of a key. */
  set(key: TableElement, value: TableElement): void {
    if (this.#isShared) this.#entries = new Map(this.#entries);
    this.#isShared = false;
    const id = identityOf(key);
    const before = this.#entries.get(id);
    if (before !== undefined) this.#bytes -= sizeOfEntry(before);
    const entry = { key: own(key), value: own(value) };
    this.#entries.set(id, entry);
    this.#bytes += sizeOfEntry(entry);
  }

  /** Returns the value of a key, or `undefined` if the table doesn't have it. */
  get(key: TableElement): TableElement | undefined {
    return this.#entries.get(identityOf(key))?.value;
  }

  /** Takes over the content of another table, which must not be used afterwards. */
  replace(next: HashTable): void {
    this.#entries = next.#entries;
    this.#isShared = next.#isShared;
    this.#bytes = next.#bytes;
  }

  /** Returns the entries, in the order of insertion. */
  entries(): IterableIterator<TableEntry> {
    return this.#entries.values();
  }
}

const oneCharacterPerByte = new TextDecoder("latin1");

/** Converts a key to a map key. Bytes become text with one character per byte. */
function identityOf(key: TableElement): number | bigint | string {
  return key instanceof Uint8Array ? oneCharacterPerByte.decode(key) : key;
}

/** Copies bytes: their owner may change them, and a view would keep a large buffer alive. */
function own(element: TableElement): TableElement {
  return element instanceof Uint8Array ? element.slice() : element;
}

function sizeOfEntry({ key, value }: TableEntry): number {
  return sizeOfElement(key) + sizeOfElement(value);
}

function sizeOfElement(element: TableElement): number {
  return element instanceof Uint8Array ? element.length + 8 : 8;
}
