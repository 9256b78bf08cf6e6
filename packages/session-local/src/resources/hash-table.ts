import {
  allocateTensor,
  type DType,
  dtypeInfo,
  dtypeMessageName,
  formatShape,
  InvalidArgumentError,
  isNumeric,
  makeTensor,
  numElements,
  type Shape,
  shapesEqual,
  type Tensor,
  tensorStrings,
} from "@tfsaver/core";
import { LocalResource, type ResourceKey } from "./local-resource.js";

type Element = number | bigint | Uint8Array;

const KEY_DTYPES: ReadonlySet<DType> = new Set(["string", "int64", "int32"]);

/**
 * The memory of one table in a {@link LocalSession}. Keys stay in the order of insertion; in TensorFlow, the order depends
 * on the hash function.
 */
export class HashTable extends LocalResource {
  readonly #entries = new Map<number | bigint | string, { readonly key: Element; readonly value: Element }>();

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

  /** @throws `InvalidArgumentError` if the table has other dtypes. */
  requireDtypes(keyDtype: DType, valueDtype: DType): void {
    if (keyDtype === this.keyDtype && valueDtype === this.valueDtype) return;
    const names = [keyDtype, valueDtype, this.keyDtype, this.valueDtype].map(dtypeMessageName);
    throw new InvalidArgumentError(
      `Conflicting key/value dtypes ${names[0]}->${names[1]} with ${names[2]}-${names[3]} for table ${this.name}`,
    );
  }

  /**
   * Sets the values of keys.
   *
   * @throws `InvalidArgumentError` if keys or values have a wrong dtype, or different shapes.
   */
  insert(keys: Tensor, values: Tensor): void {
    this.#requireKeys(keys);
    this.#requireValues(values);
    if (!shapesEqual(values.shape, keys.shape)) {
      throw new InvalidArgumentError(
        `Expected shape ${formatShape(keys.shape)} for value, got ${formatShape(values.shape)}`,
      );
    }
    const stored = elementsOf(values);
    for (const [i, key] of elementsOf(keys).entries()) {
      this.#entries.set(identityOf(key), { key: own(key), value: own(stored[i] as Element) });
    }
  }

  /** Replaces the whole content. If the new one doesn't fit, the table stays as it is. Throws as {@link insert}. */
  import(keys: Tensor, values: Tensor): void {
    const next = new HashTable(this, this.keyDtype, this.valueDtype);
    next.insert(keys, values);
    this.#entries.clear();
    for (const [id, entry] of next.#entries) this.#entries.set(id, entry);
  }

  /**
   * Looks up the values of keys.
   *
   * @param defaults - values of missing keys: a scalar, or one value per key
   * @throws `InvalidArgumentError` if keys or defaults have a wrong dtype, or the shapes don't fit.
   */
  find(keys: Tensor, defaults: Tensor): Tensor {
    this.#requireKeys(keys);
    this.#requireValues(defaults);
    if (defaults.shape.length > 0 && !shapesEqual(defaults.shape, keys.shape)) {
      throw new InvalidArgumentError(
        `Expected shape [] or ${formatShape(keys.shape)} for default value, got ${formatShape(defaults.shape)}`,
      );
    }
    const missing = elementsOf(defaults);
    const step = defaults.shape.length > 0 ? 1 : 0;
    const found = elementsOf(keys).map(
      (key, i) => this.#entries.get(identityOf(key))?.value ?? (missing[i * step] as Element),
    );
    return tensorFrom(this.valueDtype, keys.shape, found);
  }

  /** Returns all keys and their values. */
  export(): [keys: Tensor, values: Tensor] {
    const entries = [...this.#entries.values()];
    const keys = entries.map(({ key }) => key);
    const values = entries.map(({ value }) => value);
    return [tensorFrom(this.keyDtype, [keys.length], keys), tensorFrom(this.valueDtype, [values.length], values)];
  }

  #requireKeys({ dtype }: Tensor): void {
    if (dtype === this.keyDtype) return;
    throw new InvalidArgumentError(
      `Key must be type ${dtypeMessageName(this.keyDtype)} but got ${dtypeMessageName(dtype)}`,
    );
  }

  #requireValues({ dtype }: Tensor): void {
    if (dtype === this.valueDtype) return;
    throw new InvalidArgumentError(
      `Value must be type ${dtypeMessageName(this.valueDtype)} but got ${dtypeMessageName(dtype)}`,
    );
  }
}

function elementsOf(tensor: Tensor): readonly Element[] {
  return isNumeric(tensor.dtype) ? Array.from(tensor.data as ArrayLike<number | bigint>) : tensorStrings(tensor);
}

function tensorFrom(dtype: DType, shape: Shape, elements: readonly Element[]): Tensor {
  if (!isNumeric(dtype)) return makeTensor(dtype, shape, elements as Uint8Array[]);
  const tensor = allocateTensor(dtype, shape);
  const data = tensor.data as { [index: number]: Element };
  for (let i = 0; i < numElements(shape); i++) data[i] = elements[i] as Element;
  return tensor;
}

/** Converts a key to a map key. Bytes become text with one character per byte. */
function identityOf(key: Element): number | bigint | string {
  return key instanceof Uint8Array ? Array.from(key, (byte) => String.fromCharCode(byte)).join("") : key;
}

/** Copies bytes: their owner may change them, and a view would keep a large buffer alive. */
function own(element: Element): Element {
  return element instanceof Uint8Array ? element.slice() : element;
}
