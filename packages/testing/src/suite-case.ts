/** One rule of a contract, and the test for it. Pass both to the `it` of any framework. */
export interface SuiteCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}
