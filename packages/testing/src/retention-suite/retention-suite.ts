import type { RetentionPolicy } from "@tfsaver/retention";
import type { SuiteCase } from "../suite-case.js";
import { History } from "./history.js";
import * as rules from "./rules.js";
import {
  clockBack,
  restart,
  type Scenario,
  savedAgain,
  savedAgainInTime,
  setAnew,
  stateFails,
  steady,
  unknown,
} from "./scenarios.js";

/** Options of {@link retentionSuite}. */
export interface RetentionSuiteOptions {
  /**
   * Omit the case "does not delete a checkpoint at its own save", for policies that do so on purpose, as TensorFlow's
   * with a negative `maxToKeep`. Default: false.
   */
  readonly mayDeleteNewest?: boolean | undefined;
}

type RetentionCase = readonly [name: string, scenarios: readonly Scenario[], ...rules: rules.Rule[]];

const firstLives = [steady, clockBack, stateFails, restart, setAnew];
const everything = [...firstLives, savedAgain, savedAgainInTime];

const sparesNewest: RetentionCase = [
  "does not delete a checkpoint at its own save",
  [steady, clockBack, stateFails, restart],
  rules.sparesTheNewest,
];

const cases: readonly RetentionCase[] = [
  ["record returns the list that lastCheckpoints then holds", everything, rules.listsOneThing],
  ["lists checkpoints in the order of saving, each once, newest last", everything, rules.newestLast],
  ["lists and decides only on checkpoints that were recorded or set", firstLives, rules.inventsNothing],
  ["setLastCheckpoints replaces the list", [restart, setAnew], rules.setReplaces],
  ["decides on every checkpoint that leaves the list", [steady, clockBack, restart, savedAgain], rules.losesNothing],
  ["keeps decisions pending when writing the state file fails", [stateFails], rules.losesNothing],
  ["keeps decisions pending when the list is replaced", [setAnew], rules.losesNothing],
  ["returns each decision once", firstLives, rules.decidesOnce],
  ["never decides on a listed checkpoint", firstLives, rules.sparesTheListed],
  [
    "cancels a pending decision when the checkpoint is saved again",
    [savedAgain, savedAgainInTime],
    rules.sparesTheListed,
    rules.inventsNothing,
  ],
  ["changes no record or list that was passed or returned", everything, rules.changesNothingLent],
  ["accepts checkpoints with unknown time, step and metrics", [unknown], rules.inventsNothing, rules.losesNothing],
  ["gives a reason for each decision", everything, rules.saysWhy],
];

/**
 * Tests the contract of {@link RetentionPolicy} in scenarios of a few dozen saves: one every 25 minutes and 100 steps,
 * with the metrics `loss` and `accuracy`; with restarts, clocks that go back, failing state files, and reused paths.
 *
 * @param create - makes a policy without checkpoints whose limits let go of some of 24; called once for each scenario
 *
 * @example
 * ```ts
 * import { keepLatest } from "@tfsaver/retention";
 * import { retentionSuite } from "@tfsaver/testing";
 * import { it } from "vitest";
 *
 * for (const { name, run } of retentionSuite(() => keepLatest(3))) it(name, run);
 * ```
 */
export function retentionSuite(create: () => RetentionPolicy, options: RetentionSuiteOptions = {}): SuiteCase[] {
  const asked = options.mayDeleteNewest ? cases : [...cases, sparesNewest];
  return asked.map(([name, scenarios, ...rulesOfCase]) => ({
    name,
    run: async () => {
      for (const scenario of scenarios) {
        const history = new History(create());
        scenario(history);
        for (const rule of rulesOfCase) rule(history);
      }
    },
  }));
}
