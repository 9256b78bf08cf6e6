import { afterAll, expect } from "vitest";

/*
 * Set-up of the test files that share a process. Fails for a file that changes the working directory, the environment or
 * globals, since later files would see the change. Such a file belongs in the list `ALONE` of vitest.config.ts.
 */

const GETTER = Symbol("getter");
const before = sharedState();

afterAll(() => {
  // Getters are not compared: Node.js replaces some with their value when they are first read.
  const changed = [...sharedState()].filter(
    ([name, value]) => before.get(name) !== GETTER && !Object.is(before.get(name), value),
  );
  expect(
    changed.map(([name]) => name),
    "changes of this test file to the process that it shares",
  ).toEqual([]);
});

/** Returns the working directory, the environment, and the values of globals. */
function sharedState(): ReadonlyMap<string, unknown> {
  const globals = Object.entries(Object.getOwnPropertyDescriptors(globalThis))
    // Skips the globals of the test runner.
    .filter(([name]) => !name.startsWith("__"));
  return new Map<string, unknown>([
    ["working directory", process.cwd()],
    ["environment", JSON.stringify(process.env)],
    ...globals.map(([name, { get, value }]) => [`global ${name}`, get === undefined ? value : GETTER] as const),
  ]);
}
