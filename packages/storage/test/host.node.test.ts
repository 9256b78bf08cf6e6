import { spawnSync } from "node:child_process";
import { hasEnded, thisProcess } from "@tfsaver/storage/host";
import { describe, expect, it } from "vitest";
import * as elsewhere from "../src/host.js";

describe("the host", () => {
  it("names this process, which has not ended", () => {
    expect(thisProcess()).toBe(thisProcess());
    expect(thisProcess().split("/")[1]).toBe(String(process.pid));
    expect(hasEnded(thisProcess())).toBe(false);
  });

  it("knows a process of this machine that has ended, and none of another machine", () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    const [machine] = thisProcess().split("/");
    expect(hasEnded(`${machine}/${pid}/0`)).toBe(true);
    expect(hasEnded(`elsewhere/${pid}/0`)).toBeUndefined();
    for (const name of ["", `${machine}`, `${machine}/0/0`, `${machine}/x/0`]) expect(hasEnded(name)).toBeUndefined();
  });

  it("names a page, and cannot tell if another one has ended", () => {
    expect(elsewhere.thisProcess()).toMatch(/^page\/\d+$/);
    expect(elsewhere.thisProcess()).toBe(elsewhere.thisProcess());
    expect(elsewhere.hasEnded(elsewhere.thisProcess())).toBeUndefined();
  });
});
