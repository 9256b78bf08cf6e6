/** Largest size in pixels of an element that all browsers can scroll. */
const MAX_PIXELS = 8_000_000;

/**
 * Converts between the place in a content of any size and that of a scroll bar. Up to 8 million pixels, they are the same; beyond,
 * the scroll bar stands for its share of the way.
 */
export class ScaledScroll {
  /** Size in pixels of the element that is scrolled. */
  readonly scrolled: number;
  /** The largest offset. */
  readonly maxOffset: number;
  readonly #maxTop: number;

  /**
   * @param content - size of all rows or columns, in pixels
   * @param view - size of what is seen, in pixels
   */
  constructor(content: number, view: number) {
    this.scrolled = Math.min(content, MAX_PIXELS);
    this.maxOffset = Math.max(content - view, 0);
    this.#maxTop = Math.max(this.scrolled - view, 0);
  }

  /** True if one pixel of the scroll bar is more than one of the content. */
  get isScaled(): boolean {
    return this.maxOffset > this.#maxTop;
  }

  /** Returns the offset in the content for a place of the scroll bar. */
  offsetOf(top: number): number {
    return this.isScaled ? Math.min(top / this.#maxTop, 1) * this.maxOffset : Math.min(top, this.maxOffset);
  }

  /** Returns the place of the scroll bar for an offset in the content. */
  topOf(offset: number): number {
    return this.isScaled ? (offset / this.maxOffset) * this.#maxTop : offset;
  }

  /** Returns an offset that can be reached. */
  clamp(offset: number): number {
    return Math.min(Math.max(offset, 0), this.maxOffset);
  }
}
