import { describe, expect, it } from "vitest";
import { timelineAxes, timelinePicture } from "../../src/model/timeline.js";
import type { FoundCheckpoint } from "../../src/worker/find/found-checkpoint.js";

function checkpoint(step: number | undefined, more: Partial<FoundCheckpoint> = {}): FoundCheckpoint {
  return {
    path: `m-${step}`,
    format: "V2",
    bytesToOpen: 0,
    folder: "run",
    modifiedMs: undefined,
    step,
    metrics: {},
    inState: false,
    isLatest: false,
    ...more,
  };
}

describe("the picture of a timeline", () => {
  it("goes by what checkpoints differ in", () => {
    expect(timelineAxes([checkpoint(1), checkpoint(2)])).toEqual(["step"]);
    expect(timelineAxes([checkpoint(1, { modifiedMs: 5 }), checkpoint(1, { modifiedMs: 6 })])).toEqual(["time"]);
    expect(timelineAxes([checkpoint(1, { modifiedMs: 5 }), checkpoint(2, { modifiedMs: 6 })])).toEqual([
      "step",
      "time",
    ]);
    expect(timelineAxes([checkpoint(1), checkpoint(undefined), checkpoint(Number.NaN)])).toEqual([]);
  });

  it("places steps in proportion, each folder on a line of its own, and leaves out what has no step", () => {
    const all = [
      checkpoint(100),
      checkpoint(150, { folder: "other" }),
      checkpoint(undefined),
      checkpoint(200),
      checkpoint(300),
    ];
    const { low, high, tracks, moreTracks } = timelinePicture(all, "step", "run");
    expect([low, high, moreTracks]).toEqual([100, 300, 0]);
    expect(tracks.map(({ folder, points }) => [folder, points.map(({ place }) => place)])).toEqual([
      ["run", [0, 0.5, 1]],
      ["other", [0.25]],
    ]);
    const many = Array.from({ length: 20 }, (_, i) => checkpoint(i, { folder: `run-${i}` }));
    expect(timelinePicture(many, "step", "run").moreTracks).toBe(12);
  });

  it("draws the metrics of one folder, with gaps where they are no numbers", () => {
    const losses = [4, 3, Number.NaN, Number.POSITIVE_INFINITY, 2, undefined, 0];
    const all = losses.map((loss, i) => checkpoint(i, { metrics: loss === undefined ? {} : { loss } }));
    const { metrics } = timelinePicture(
      [...all, checkpoint(9, { folder: "other", metrics: { accuracy: 1 } })],
      "step",
      "run",
    );
    expect(metrics).toHaveLength(1);
    expect(metrics[0]).toMatchObject({ name: "loss", low: 0, high: 4 });
    expect(metrics[0]?.lines.map((line) => line.map(([, height]) => height))).toEqual([
      [1, 0.75],
      [0.5, 0],
    ]);
  });

  it("stays in its frame, whatever the numbers are", () => {
    const most = Number.MAX_VALUE;
    const all = [-most, 0, most].map((value, i) => checkpoint(i, { metrics: { value, same: 7 }, modifiedMs: value }));
    for (const axis of ["step", "time"] as const) {
      const { tracks, metrics } = timelinePicture(all, axis, "run");
      expect(tracks[0]?.points.map(({ place }) => place)).toEqual([0, 0.5, 1]);
      expect(metrics.map(({ lines }) => lines[0]?.map(([, height]) => height))).toEqual([
        [0, 0.5, 1],
        [0.5, 0.5, 0.5],
      ]);
    }
  });
});
