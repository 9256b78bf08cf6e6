import { signal } from "@preact/signals";
import { CancelledError } from "@tfsaver/core";

/** Bytes that may be read without asking (64 MiB). */
const FREE_BYTES = 64 << 20;

/** A question that waits for an answer. */
export interface Question {
  /** What will be done: "Compute the statistics of dense/kernel". */
  readonly what: string;
  readonly bytes: number;
  answer(yes: boolean): void;
}

/** Asks before something reads more than 64 MiB. */
export class AskFirst {
  /** The question that a dialog shows. */
  readonly question = signal<Question | undefined>(undefined);

  /**
   * Returns at once if little is read, and otherwise when the person agrees.
   *
   * @param what - what will be done, as a sentence without a period
   * @throws `CancelledError` if the person does not agree.
   */
  async mayRead(bytes: number, what: string): Promise<void> {
    if (bytes <= FREE_BYTES) return;
    // A second question takes the place of the first, which is then declined.
    this.question.peek()?.answer(false);
    const yes = await new Promise<boolean>((answer) => {
      this.question.value = { what, bytes, answer };
    });
    this.question.value = undefined;
    if (!yes) throw new CancelledError("Not read: you declined");
  }
}
