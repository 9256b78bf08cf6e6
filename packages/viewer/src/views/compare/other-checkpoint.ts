import type { App } from "../../app/app.js";
import type { Source } from "../../app/source.js";

/** A checkpoint of a source. */
export interface CheckpointOf {
  readonly source: Source;
  readonly path: string;
}

/** Returns all checkpoints that are open in the page. */
export function allCheckpoints(app: App): readonly CheckpointOf[] {
  return app.sources.value.flatMap((source) => source.found.checkpoints.map(({ path }) => ({ source, path })));
}

/**
 * Returns the checkpoint to compare with: the one that the address names, or else the one before in the folder, or the nearest.
 * Undefined if there is only one.
 */
export function otherCheckpoint(app: App, shown: CheckpointOf): CheckpointOf | undefined {
  const all = allCheckpoints(app);
  const isShown = ({ source, path }: CheckpointOf) => source.id === shown.source.id && path === shown.path;
  const others = all.filter((one) => !isShown(one));
  const wanted = app.address.value.params.against;
  const place = all.findIndex(isShown);
  const near = [all[place - 1], all[place + 1]].filter((one) => one?.source.id === shown.source.id);
  return others.findLast(({ path }) => path === wanted) ?? near[0] ?? others[0];
}
