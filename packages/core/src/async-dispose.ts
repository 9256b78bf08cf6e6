declare global {
  // As TypeScript 5.2 declares it with `lib: ["esnext.disposable"]`. Without it, older compilers and libs reject our types.
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
  }
}

/**
 * Names the method that `await using` calls at the end of a block: `Symbol.asyncDispose`, or a stand-in where the engine does
 * not have it.
 *
 * @example
 * ```ts
 * import { asyncDispose } from "@tfsaver/core";
 *
 * export class Resource {
 *   async close(): Promise<void> {}
 *   [asyncDispose](): Promise<void> {
 *     return this.close();
 *   }
 * }
 * ```
 */
export const asyncDispose: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose");
