import type { Storage } from "@tfsaver/storage";
import type { SuiteCase } from "../suite-case.js";
import { directoryCases } from "./directory-cases.js";
import { failureCases } from "./failure-cases.js";
import { readingCases } from "./reading-cases.js";
import { signalCases } from "./signal-cases.js";
import { type StorageUnderTest, withStorage } from "./storage-under-test.js";
import { unfinishedCases } from "./unfinished-cases.js";
import { wholeFileCases } from "./whole-file-cases.js";
import { writingCases } from "./writing-cases.js";

/**
 * Tests the whole contract of {@link Storage}.
 *
 * @param create - makes the storage; called once for each case
 *
 * @example
 * ```ts
 * import { MemoryStorage } from "@tfsaver/storage";
 * import { storageSuite } from "@tfsaver/testing";
 * import { it } from "vitest";
 *
 * const create = async () => ({ storage: new MemoryStorage(), root: "/" });
 * for (const { name, run } of storageSuite(create)) it(name, run);
 * ```
 */
export function storageSuite(create: () => Promise<StorageUnderTest>): SuiteCase[] {
  const cases = [
    ...readingCases,
    ...writingCases,
    ...directoryCases,
    ...failureCases,
    ...wholeFileCases,
    ...unfinishedCases,
    ...signalCases,
  ];
  return cases.map(([name, check]) => withStorage(name, check, create));
}
