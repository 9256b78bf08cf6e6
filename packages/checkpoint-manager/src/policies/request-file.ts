import type { WarningListener } from "@tfsaver/core";
import { joinPath, type Storage } from "@tfsaver/storage";

/** Time between two looks, in seconds. */
const INTERVAL = 1;

/** The file that asks for a save. */
export class RequestFile {
  readonly #path: string;
  #lastLook = Number.NEGATIVE_INFINITY;
  #isWatched = true;

  constructor(
    directory: string,
    name: string,
    private readonly storage: Storage,
    private readonly onWarning: WarningListener,
  ) {
    this.#path = joinPath(directory, name);
  }

  /** True if the file exists. Looks at most once a second; in between, the answer is false. */
  async exists(time: number): Promise<boolean> {
    const isEarly = time >= this.#lastLook && time - this.#lastLook < INTERVAL;
    if (!this.#isWatched || isEarly) return false;
    this.#lastLook = time;
    try {
      return (await this.storage.stat(this.#path))?.kind === "file";
    } catch (error) {
      this.onWarning(`${this.#path} can't be looked at, so a request to save may be missed: ${error}`);
      return false;
    }
  }

  /** Removes the file. If that fails, requests are off from now on: each would save at every look. */
  async remove(): Promise<void> {
    try {
      await this.storage.remove(this.#path);
    } catch (error) {
      this.#isWatched = false;
      this.onWarning(`${this.#path} can't be removed, so requests to save are ignored from now on: ${error}`);
    }
  }
}
