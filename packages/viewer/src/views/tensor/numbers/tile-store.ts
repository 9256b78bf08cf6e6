import { signal } from "@preact/signals";
import type { Element } from "@tfsaver/checkpoint-tools";
import { isCheckpointError } from "@tfsaver/core";
import { type CellValue, cellReader } from "../../../model/tensor/cell-text.js";
import { type TileSize, tileStart, tilesOf } from "../../../model/tensor/tiles.js";
import { placeIn, type Rectangle, type TensorWindow } from "../../../model/tensor/window.js";
import type { Cells } from "../../../worker/handlers/cells.js";

/** Number of elements that are kept for the way back. */
const KEPT_ELEMENTS = 1 << 20;

interface LoadedTile {
  readonly serial: number;
  readonly tile: Rectangle;
  readonly lengths: Float64Array | undefined;
  readonly elementAt: (place: number) => Element;
}

/** The elements of a window that were read, and those that are being read, in tiles. */
export class TileStore {
  static #last = 0;
  /** Differs from that of every other store. */
  readonly id = ++TileStore.#last;
  /** Increases when tiles arrive. */
  readonly version = signal(0);
  /** What failed last. */
  readonly error = signal<Error | undefined>(undefined);
  /** True if what is shown was verified; undefined until something was read. */
  readonly verified = signal<boolean | undefined>(undefined);
  readonly #loaded = new Map<string, LoadedTile>();
  readonly #loading = new Map<string, AbortController>();
  #elements = 0;
  #isClosed = false;

  constructor(
    private readonly window: TensorWindow,
    private readonly size: TileSize,
    private readonly load: (tile: Rectangle, signal: AbortSignal) => Promise<Cells>,
  ) {}

  /** Reads what is missing of a part of the window, and stops reading what lies outside of it. */
  want(part: Rectangle): void {
    if (this.#isClosed) return;
    const wanted = new Map([...tilesOf(this.window, this.size, part)].map((tile) => [keyOf(tile), tile]));
    for (const [key, controller] of this.#loading) if (!wanted.has(key)) controller.abort();
    for (const [key, tile] of wanted) {
      const loaded = this.#loaded.get(key);
      if (loaded !== undefined) {
        // What was wanted last is forgotten last.
        this.#loaded.delete(key);
        this.#loaded.set(key, loaded);
      } else if (!this.#loading.has(key)) void this.#read(key, tile);
    }
  }

  /** Returns the value of a cell; undefined if it was not read yet. */
  valueAt(row: number, column: number): CellValue | undefined {
    const loaded = this.#tileAt(row, column);
    if (loaded === undefined) return undefined;
    const { tile, lengths, elementAt } = loaded;
    const place = placeIn(this.window, tile, row - tile.row, column - tile.column);
    return { element: elementAt(place), length: lengths?.[place] };
  }

  /** Returns a text that changes when other tiles of a part of a row have arrived. */
  stampOf(row: number, from: number, to: number): string {
    let stamp = "";
    for (let column = from; column < to; column = tileStart(column, this.size.columns) + this.size.columns) {
      stamp += `${this.#tileAt(row, column)?.serial ?? ""} `;
    }
    return stamp;
  }

  /** Stops all reading. */
  close(): void {
    this.#isClosed = true;
    for (const controller of this.#loading.values()) controller.abort();
  }

  #tileAt(row: number, column: number): LoadedTile | undefined {
    return this.#loaded.get(`${tileStart(row, this.size.rows)},${tileStart(column, this.size.columns)}`);
  }

  async #read(key: string, tile: Rectangle): Promise<void> {
    const controller = new AbortController();
    this.#loading.set(key, controller);
    try {
      const { tensor, lengths, verified } = await this.load(tile, controller.signal);
      if (this.#isClosed) return;
      this.#add(key, { serial: this.version.peek() + 1, tile, lengths, elementAt: cellReader(tensor) });
      this.verified.value = verified;
    } catch (error) {
      if (!this.#isClosed && !isCheckpointError(error, "CancelledError")) this.error.value = error as Error;
    } finally {
      if (this.#loading.get(key) === controller) this.#loading.delete(key);
    }
  }

  #add(key: string, loaded: LoadedTile): void {
    this.#loaded.set(key, loaded);
    this.#elements += loaded.tile.rows * loaded.tile.columns;
    for (const [oldest, { tile }] of this.#loaded) {
      if (this.#elements <= KEPT_ELEMENTS || oldest === key) break;
      this.#loaded.delete(oldest);
      this.#elements -= tile.rows * tile.columns;
    }
    this.version.value++;
  }
}

function keyOf({ row, column }: Rectangle): string {
  return `${row},${column}`;
}
