import { earlierCheckpoints, type History } from "./history.js";

/** A sequence of events in the life of a saver. */
export type Scenario = (history: History) => void;

const LENGTH = 24;

function saves(history: History, count: number, options?: { stateFails?: boolean }): void {
  for (let i = 0; i < count; i++) history.save({}, options);
}

/** One save after another. */
export const steady: Scenario = (history) => saves(history, LENGTH);

/** The clock is set back now and then. */
export const clockBack: Scenario = (history) => {
  for (let i = 0; i < LENGTH; i++) history.save({ time: 1_700_000_000 + ((i * 7) % 10) * 1500 });
};

/** Writing the state file fails, sometimes several times in a row. */
export const stateFails: Scenario = (history) => {
  for (let i = 0; i < LENGTH; i++) history.save({}, { stateFails: i % 5 < 3 });
};

/** A run continues with a list that is longer than most policies would keep. */
export const restart: Scenario = (history) => {
  history.set(earlierCheckpoints(10));
  saves(history, LENGTH);
};

/** The list is replaced while decisions are pending, and emptied later. */
export const setAnew: Scenario = (history) => {
  saves(history, LENGTH, { stateFails: true });
  history.set(earlierCheckpoints(3));
  saves(history, LENGTH);
  history.set([]);
  saves(history, 2);
};

/** Paths are reused: that of the oldest and of the newest listed checkpoint, and that of a deleted one. */
export const savedAgain: Scenario = (history) => {
  for (let i = 0; i < LENGTH; i++) {
    history.save();
    const path = [history.listed.at(0), history.listed.at(-1), "model.ckpt-0"][i % 3];
    if (path !== undefined) history.save({ path });
  }
};

/** A checkpoint is saved again after it left the list, but before its decision was returned. */
export const savedAgainInTime: Scenario = (history) => {
  for (let i = 0; i < LENGTH; i++) {
    const before = history.listed;
    history.save({}, { stateFails: true });
    const left = before.find((path) => !history.listed.includes(path));
    if (left !== undefined) history.save({ path: left }, { stateFails: i % 2 === 0 });
  }
};

/** Checkpoints have unknown times, steps and metrics, as after setting a list of paths. */
export const unknown: Scenario = (history) => {
  const time = Number.POSITIVE_INFINITY;
  history.set(earlierCheckpoints(5).map(({ path }) => ({ path, time })));
  for (let i = 0; i < LENGTH; i++) {
    const knowsTime = i % 3 > 0 ? {} : { time };
    const knowsMetrics = i % 4 > 0 ? {} : { metrics: i % 8 > 0 ? undefined : { loss: Number.NaN } };
    history.save({ ...knowsTime, ...knowsMetrics, ...(i % 2 > 0 ? {} : { step: undefined }) });
  }
};
