import type { Storage } from "@tfsaver/storage";
import type { SuiteCase } from "../suite-case.js";

/** The storage that a case tests, and a directory in it. */
export interface StorageUnderTest {
  readonly storage: Storage;
  /** An existing, empty directory. */
  readonly root: string;
  /** Called after the case, whether it passed or failed. */
  readonly cleanup?: (() => Promise<void>) | undefined;
}

/** Makes a case that creates its own storage, and cleans up whether the check passes or fails. */
export function withStorage(
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
