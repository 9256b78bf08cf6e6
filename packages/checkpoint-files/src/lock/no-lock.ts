import type { Storage } from "@tfsaver/storage";
import { removeIfThere } from "../remove/remove-if-there.js";
import type { PrefixLock } from "./lock.js";
import { heldLocks } from "./lock-file.js";
import { lockText, newLockName, type Replacement } from "./lock-text.js";

/**
 * Takes the place of a lock on a storage that can't lock. It does not exclude other savers. If the storage writes files in one
 * step, it records a replacement in the lock file, and the next save completes that replacement after a crash.
 */
export class NoLock implements PrefixLock {
  readonly isHeld = false;
  readonly #name = newLockName();

  constructor(
    private readonly storage: Storage,
    private readonly path: string,
    readonly madeFolder: boolean,
    readonly wasAbandoned: boolean,
    public replacement: Replacement | undefined,
  ) {}

  async record(replacement: Replacement | undefined): Promise<void> {
    if (this.#isWritable && replacement !== undefined) {
      heldLocks.add(this.#name);
      await this.storage.put?.(this.path, new TextEncoder().encode(lockText(this.#name, replacement)));
    } else await this.#remove();
    this.replacement = replacement;
  }

  async isLost(): Promise<boolean> {
    return false;
  }

  async release(): Promise<void> {
    if (this.replacement !== undefined) await this.#remove().catch(() => undefined);
    heldLocks.delete(this.#name);
  }

  async leave(): Promise<void> {
    heldLocks.delete(this.#name);
  }

  /** False where there are locks: the file may be that of another saver. */
  get #isWritable(): boolean {
    return this.storage.put !== undefined && !this.storage.capabilities.exclusiveCreate;
  }

  async #remove(): Promise<void> {
    if (this.#isWritable) await removeIfThere(this.storage, this.path);
  }
}
