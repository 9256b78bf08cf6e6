import { ALL_DTYPES, type DType, type Shape } from "@tfsaver/core";
import type { Listing } from "../../worker/handlers/list.js";
import type { UnreadableEntry } from "../../worker/list-tensors.js";

/** One tensor of a {@link Catalog}. */
export interface CatalogEntry {
  readonly name: string;
  readonly dtype: DType;
  /** Shape of the whole tensor. */
  readonly shape: Shape;
  /** Bytes in the checkpoint. */
  readonly size: number;
  /** Number of the data file, from 0. */
  readonly shard: number;
  /** Number of slices; 0 for a tensor that is stored whole. */
  readonly slices: number;
  /** True if its file gives parts of it without the rest. */
  readonly inParts: boolean;
  /** True if its file has a checksum of it. */
  readonly hasChecksum: boolean;
}

/** The tensors of an open checkpoint, sorted by name. Entries are made when they are asked for: there may be 200,000. */
export class Catalog {
  readonly #listing: Listing;
  #places: Map<string, number> | undefined;

  constructor(listing: Listing) {
    this.#listing = listing;
  }

  /** Number of the open checkpoint, for calls to the engine. */
  get id(): number {
    return this.#listing.id;
  }

  get prefix(): string {
    return this.#listing.prefix;
  }

  /** `V1`, `V2`, or the name of another format. */
  get format(): string {
    return this.#listing.format;
  }

  get numShards(): number {
    return this.#listing.numShards;
  }

  /** Entries of the index that can't be read. */
  get unreadable(): readonly UnreadableEntry[] {
    return this.#listing.unreadable;
  }

  /** Number of tensors. */
  get length(): number {
    return this.#listing.names.length;
  }

  get names(): readonly string[] {
    return this.#listing.names;
  }

  get sizes(): Float64Array {
    return this.#listing.sizes;
  }

  /** Returns the tensor at a place, from 0. */
  at(place: number): CatalogEntry {
    const { names, dtypes, sizes, shards, slices, inParts, hasChecksum } = this.#listing;
    return {
      name: names[place] as string,
      dtype: ALL_DTYPES[dtypes[place] as number] as DType,
      shape: this.shape(place),
      size: sizes[place] as number,
      shard: shards[place] as number,
      slices: slices[place] as number,
      inParts: inParts[place] === 1,
      hasChecksum: hasChecksum[place] === 1,
    };
  }

  /** Returns what is known of the tensor at a place without its name and shape, which take longer. */
  facts(place: number): Pick<CatalogEntry, "dtype" | "size" | "shard"> {
    const { sizes, shards } = this.#listing;
    return { dtype: this.dtype(place), size: sizes[place] as number, shard: shards[place] as number };
  }

  dtype(place: number): DType {
    return ALL_DTYPES[this.#listing.dtypes[place] as number] as DType;
  }

  shape(place: number): Shape {
    const { dimensions, shapeEnds } = this.#listing;
    const start = place === 0 ? 0 : (shapeEnds[place - 1] as number);
    return Array.from(dimensions.subarray(start, shapeEnds[place]));
  }

  /** Returns the number of elements of the tensor at a place. */
  elements(place: number): number {
    const { dimensions, shapeEnds } = this.#listing;
    let product = 1;
    for (let i = place === 0 ? 0 : (shapeEnds[place - 1] as number); i < (shapeEnds[place] as number); i++) {
      product *= dimensions[i] as number;
    }
    return product;
  }

  /** Returns the place of a name; undefined if there is no tensor of this name. */
  placeOf(name: string): number | undefined {
    this.#places ??= new Map(this.names.map((one, place) => [one, place]));
    return this.#places.get(name);
  }

  /** Returns the tensor of a name; undefined if there is none. */
  get(name: string): CatalogEntry | undefined {
    const place = this.placeOf(name);
    return place === undefined ? undefined : this.at(place);
  }
}
