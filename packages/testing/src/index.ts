/**
 * Tests plug-ins (storages, sessions, builders, retention policies) against their contracts, and injects faults into
 * storages.
 *
 * @packageDocumentation
 */
export { ContractError } from "./assertions.js";
export { builderSuite } from "./builder-suite/builder-suite.js";
export type { BuilderSuiteOptions, BuilderUnderTest, SaverBuilder } from "./builder-suite/builder-under-test.js";
export { type RetentionSuiteOptions, retentionSuite } from "./retention-suite/retention-suite.js";
export { type SessionUnderTest, sessionSuite } from "./session-suite/session-suite.js";
export { readOnlyStorageSuite } from "./storage-suite/read-only-storage-suite.js";
export { storageSuite } from "./storage-suite/storage-suite.js";
export type { StorageUnderTest } from "./storage-suite/storage-under-test.js";
export { CountingStorage, type ReadRange } from "./storages/counting-storage.js";
export { DelayedStorage, type DelayedStorageOptions } from "./storages/delayed-storage.js";
export { FaultyStorage, type FaultyStorageOptions } from "./storages/faulty-storage.js";
export {
  InterceptedStorage,
  type StorageOperation,
  type StorageOperationKind,
} from "./storages/intercepted-storage.js";
export { MemoryObjectStorage, type MemoryObjectStorageOptions } from "./storages/memory-object-storage.js";
export { PowerLossStorage, type PowerLossStorageOptions } from "./storages/power-loss-storage.js";
export type { SuiteCase } from "./suite-case.js";
