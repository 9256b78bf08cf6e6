import { turnOfEventLoop } from "@tfsaver/core";
import type { PieceOfWork } from "../kernel.js";

/** Nanoseconds of work after which other tasks may run. */
const STEPS_PER_PIECE = 2 ** 24;

/** The number of items in a piece is a multiple of this one, so that kernels can work in groups. */
const GROUP = 64;

/**
 * Calls `work` for one range of `0` to `count` after the other. Between the pieces of long work, other tasks may run.
 *
 * @param requireRunning - called before each piece of long work; throws if the work shall stop
 * @returns `result` if there is only one piece, otherwise a promise of it
 */
export function inPieces<T>(
  count: number,
  stepsPerItem: number,
  work: PieceOfWork,
  result: T,
  requireRunning: () => void,
): T | Promise<T> {
  const perPiece = Math.max(1, Math.floor(STEPS_PER_PIECE / Math.max(stepsPerItem, 1) / GROUP)) * GROUP;
  if (count > perPiece) return later(count, perPiece, work, result, requireRunning);
  work(0, count);
  return result;
}

async function later<T>(
  count: number,
  perPiece: number,
  work: PieceOfWork,
  result: T,
  requireRunning: () => void,
): Promise<T> {
  for (let start = 0; start < count; start += perPiece) {
    requireRunning();
    work(start, Math.min(start + perPiece, count));
    await turnOfEventLoop();
  }
  return result;
}
