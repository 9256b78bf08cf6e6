import { ResourceExhaustedError, ValueError } from "@tfsaver/core";
import type { Cost } from "../cost.js";

/**
 * Limits on what the kernels of one run may take in total, besides what the data allows that the run was given: its
 * variables, tables and feeds, and what it reads. A graph can ask for any size with a few bytes; data can't be made up.
 */
export interface RunLimits {
  /**
   * Bytes of memory that kernels allocate. Default: 2^30 in a confined run, such as those of a `Saver`, plus 4 for each
   * given byte; 2^33 in others, plus 1024 for each given byte.
   */
  readonly bytes?: number | undefined;
  /**
   * Elements that kernels make. A number counts 1; a string or an entry of a table, which takes so much more of
   * JavaScript's memory, counts 1024. Default: 2^30 in a confined run, plus 256 for each given byte; 2^31 in others,
   * plus 1024 for each given byte.
   */
  readonly elements?: number | undefined;
  /**
   * Nanoseconds of work, roughly: each kernel knows what its elements take. Default: 2^31 in a confined run, plus 256 for
   * each given byte; 2^35 in others, plus 1024 for each given byte.
   */
  readonly steps?: number | undefined;
}

type Resource = keyof RunLimits;

/** Limits, and what each given byte adds to them. */
interface Terms {
  readonly limits: Readonly<Record<Resource, number>>;
  readonly perGivenByte: Readonly<Record<Resource, number>>;
}

const CONFINED: Terms = {
  limits: { bytes: 2 ** 30, elements: 2 ** 30, steps: 2 ** 31 },
  perGivenByte: { bytes: 4, elements: 256, steps: 256 },
};

/** Generous, so that the work of a real model never reaches a limit. */
const FREE: Terms = {
  limits: { bytes: 2 ** 33, elements: 2 ** 31, steps: 2 ** 35 },
  perGivenByte: { bytes: 1024, elements: 1024, steps: 1024 },
};

const UNITS: Readonly<Record<Resource, string>> = {
  bytes: "bytes of memory",
  elements: "elements",
  steps: "steps of work",
};

/** @throws `ValueError` if a limit is not a number from 0 on. */
export function requireLimits(limits: RunLimits): void {
  if (typeof limits !== "object" || limits === null) throw new TypeError("limits must be an object of numbers");
  for (const resource of Object.keys(UNITS) as Resource[]) {
    const limit = limits[resource];
    if (limit === undefined || (typeof limit === "number" && limit >= 0)) continue;
    throw new ValueError(`limits.${resource} must be a number of ${UNITS[resource]} from 0 on, not ${String(limit)}`);
  }
}

/** Tracks what the kernels of one run take, and enforces {@link RunLimits}. */
export class Budget {
  readonly #terms: Terms;
  readonly #limits: Readonly<Record<Resource, number>>;
  readonly #taken: Record<Resource, number> = { bytes: 0, elements: 0, steps: 0 };
  #given: number;

  /** @param given - bytes that are in variables, tables and feeds */
  constructor(limits: RunLimits, isConfined: boolean, given: number) {
    this.#terms = isConfined ? CONFINED : FREE;
    const { bytes, elements, steps } = this.#terms.limits;
    this.#limits = {
      bytes: limits.bytes ?? bytes,
      elements: limits.elements ?? elements,
      steps: limits.steps ?? steps,
    };
    this.#given = given;
  }

  /** Raises the limits for bytes that the run was given. */
  give(bytes: number): void {
    this.#given += bytes;
  }

  /** @throws `ResourceExhaustedError` if the run takes more than a limit allows. */
  take({ bytes = 0, elements = 0, steps = 0 }: Cost): void {
    this.#take("bytes", bytes);
    this.#take("elements", elements);
    this.#take("steps", steps);
  }

  #take(resource: Resource, amount: number): void {
    const taken = this.#taken[resource] + amount;
    this.#taken[resource] = taken;
    const perByte = this.#terms.perGivenByte[resource];
    if (taken <= this.#limits[resource] + perByte * this.#given) return;
    throw new ResourceExhaustedError(
      `The run takes more than ${this.#limits[resource]} ${UNITS[resource]} plus ${perByte} for each byte that it was ` +
        `given (${this.#given} in variables, feeds and files). The graph may be meant to exhaust this machine. If you ` +
        `trust it, pass a higher limits.${resource} to the LocalSession`,
    );
  }
}
