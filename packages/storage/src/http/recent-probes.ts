import type { Probe } from "./probe.js";

/** Long enough for an `open` that follows a `stat`; short enough that the file has hardly changed. */
const MAX_AGE_MS = 10_000;
const MAX_COUNT = 16;

/** Keeps the results of `stat`, each for one `open` that follows soon. */
export class RecentProbes {
  readonly #probes = new Map<string, { readonly probe: Probe; readonly atMs: number }>();

  add(path: string, probe: Probe): void {
    this.#probes.delete(path);
    this.#probes.set(path, { probe, atMs: Date.now() });
    if (this.#probes.size > MAX_COUNT) this.#probes.delete(this.#probes.keys().next().value as string);
  }

  take(path: string): Probe | undefined {
    const found = this.#probes.get(path);
    this.#probes.delete(path);
    return found !== undefined && Math.abs(Date.now() - found.atMs) < MAX_AGE_MS ? found.probe : undefined;
  }
}
