/**
 * Does my plug-in keep the contract? And what happens when the storage does not?
 *
 * @packageDocumentation
 */
export { ContractError } from "./assertions.js";
export { type BuilderSuiteOptions, type BuilderUnderTest, builderSuite, type SaverBuilder } from "./builder-suite.js";
export { CountingStorage, type ReadRange } from "./counting-storage.js";
export { DelayedStorage, type DelayedStorageOptions } from "./delayed-storage.js";
export { FaultyStorage, type FaultyStorageOptions } from "./faulty-storage.js";
export { InterceptedStorage, type StorageOperation, type StorageOperationKind } from "./intercepted-storage.js";
export { PowerLossStorage, type PowerLossStorageOptions } from "./power-loss-storage.js";
export { type RetentionSuiteOptions, retentionSuite } from "./retention-suite.js";
export { type SessionUnderTest, sessionSuite } from "./session-suite.js";
export { type StorageUnderTest, type SuiteCase, storageSuite } from "./storage-suite.js";
export { readOnlyStorageSuite } from "./storage-suite-read-only.js";
