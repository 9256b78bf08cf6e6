import { storageSuite } from "@tfsaver/testing";
import { OpfsStorage } from "../src/index.js";
import { freshFolder } from "./fresh-folder.js";
import { runUntilStopped } from "./stopped-saver.js";

/** What tests ask a worker to do. */
export const calls = {
  capabilities: async () => new OpfsStorage().capabilities,
  /** Runs a case of the suite. */
  suite: async (name: string) =>
    storageSuite(freshFolder)
      .find((suiteCase) => suiteCase.name === name)
      ?.run(),
  runUntilStopped,
};

export type Calls = typeof calls;

/** A message to a worker. */
export interface Call {
  readonly id: number;
  readonly name: keyof Calls;
  readonly argument: unknown;
}

/** Its answer. */
export interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}
