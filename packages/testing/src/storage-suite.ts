import type { Storage } from "@tfsaver/storage";
import { directoryCases } from "./storage-suite-directories.js";
import { failureCases } from "./storage-suite-failures.js";
import { readingCases } from "./storage-suite-reading.js";
import { writingCases } from "./storage-suite-writing.js";

/** A storage to be tested, and a place in it. */
export interface StorageUnderTest {
  readonly storage: Storage;
  /** An existing, empty directory. */
  readonly root: string;
  /** Called when the case is over, whatever its end. */
  readonly cleanup?: (() => Promise<void>) | undefined;
}

/** One rule of a contract, and the test for it. Give both to the `it` of any framework. */
export interface SuiteCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/**
 * Tests for the whole contract of {@link Storage}. `create` is called anew for every case.
 *
 * @example
 * ```ts
 * for (const { name, run } of storageSuite(createMine)) it(name, run);
 * ```
 */
export function storageSuite(create: () => Promise<StorageUnderTest>): SuiteCase[] {
  const cases = [...readingCases, ...writingCases, ...directoryCases, ...failureCases];
  return cases.map(([name, check]) => runnable(name, check, create));
}

/** A case with a storage of its own, cleaned up whatever its end. */
export function runnable(
  name: string,
  check: (storage: Storage, root: string) => Promise<void>,
  create: () => Promise<StorageUnderTest>,
): SuiteCase {
  return {
    name,
    run: async () => {
      const { storage, root, cleanup } = await create();
      try {
        await check(storage, root);
      } finally {
        await cleanup?.();
      }
    },
  };
}
