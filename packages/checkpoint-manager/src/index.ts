/**
 * Saves in a training loop when it is time, and goes on after a restart.
 *
 * @packageDocumentation
 */
export { CheckpointManager } from "./checkpoint-manager.js";
export type { ManagedPendingSave, ManagedSaveOptions, ManagedSaver, ManagedSaverSource } from "./managed-saver.js";
export type { Metrics, MetricsSource } from "./metrics.js";
export type {
  CheckpointManagerOptions,
  ManagerSaveOptions,
  MaybeSaveOptions,
  RestoreOrInitializeOptions,
  SaveOutcome,
} from "./options.js";
export { everyNSeconds } from "./policies/every-n-seconds.js";
export { everyNSteps } from "./policies/every-n-steps.js";
export { onImprovement } from "./policies/on-improvement.js";
export { onRequest } from "./policies/on-request.js";
export type { SavePolicy, SaveSituation, SaveVerdict } from "./policies/policy.js";
export type { SaveIntervals, SaveTimes } from "./policies/policy-of.js";
export type { PassedOver } from "./restore/candidates.js";
export type { RestoredNewest } from "./restore/restore-newest.js";
