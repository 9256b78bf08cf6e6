import { afterAll, expect } from "vitest";

/*
 * Set-up of the test files that share a process, where each would find what an earlier one has changed. A file that must
 * change the working directory, the environment or globals belongs in the list `ALONE` of vitest.config.ts.
 */

const GETTER = Symbol("getter");
const before = sharedState();

afterAll(() => {
  // Node.js itself turns some getters into values when they are first read, so those are not compared.
  const changed = [...sharedState()].filter(
    ([name, value]) => before.get(name) !== GETTER && !Object.is(before.get(name), value),
  );
  expect(
    changed.map(([name]) => name),
    "what this test file has changed of its process",
  ).toEqual([]);
});

/** Returns the working directory, the environment, and the values of globals. */
function sharedState(): ReadonlyMap<string, unknown> {
  const globals = Object.entries(Object.getOwnPropertyDescriptors(globalThis))
    // The test runner has globals of its own.
    .filter(([name]) => !name.startsWith("__"));
  return new Map<string, unknown>([
    ["working directory", process.cwd()],
    ["environment", JSON.stringify(process.env)],
    ...globals.map(([name, { get, value }]) => [`global ${name}`, get === undefined ? value : GETTER] as const),
  ]);
}
