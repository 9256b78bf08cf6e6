/** Runs the steps of a rehearsal one after the other, prints each, and goes on when one fails. */
export class Steps {
  readonly #started = performance.now();
  readonly #failed: string[] = [];

  /** Runs a step. What it returns is printed. */
  async run(name: string, step: () => unknown): Promise<void> {
    try {
      const result = await step();
      this.#print(typeof result === "string" ? `${name}: ${result}` : name);
    } catch (error) {
      this.#failed.push(name);
      this.#print(`FAILED ${name}: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** Runs a step that all later ones need. */
  async required(name: string, step: () => unknown): Promise<void> {
    await this.run(name, step);
    if (this.#failed.length > 0) throw new Error(`${name} failed`);
  }

  /** Names what failed, and sets the exit code. */
  finish(): void {
    console.log(this.#failed.length === 0 ? "The rehearsal succeeded." : `Failed: ${this.#failed.join("; ")}`);
    if (this.#failed.length > 0) process.exitCode = 1;
  }

  #print(line: string): void {
    const seconds = (performance.now() - this.#started) / 1000;
    console.log(`${seconds.toFixed(1).padStart(6)} s  ${line}`);
  }
}
