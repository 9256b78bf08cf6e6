import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { hasEnded, thisProcess } from "@tfsaver/storage/host";
import { describe, expect, it, vi } from "vitest";
import * as elsewhere from "../src/host.js";

describe("the host", () => {
  it("names this process, which has not ended", () => {
    expect(thisProcess()).toBe(thisProcess());
    expect(thisProcess().split("/")[1]?.split(":")[0]).toBe(String(process.pid));
    expect(hasEnded(thisProcess())).toBe(false);
  });

  it("knows a process of this machine that has ended, and none of another machine", () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    const [machine] = thisProcess().split("/");
    expect(hasEnded(`${machine}/${pid}/0`)).toBe(true);
    expect(hasEnded(`elsewhere/${pid}/0`)).toBeUndefined();
    for (const name of ["", `${machine}`, `${machine}/0/0`, `${machine}/x/0`]) expect(hasEnded(name)).toBeUndefined();
  });

  it.runIf(process.platform === "linux")(
    "tells a zombie, and a process that got the id of another, on Linux",
    async () => {
      const [machine, owner = ""] = thisProcess().split("/");
      const [id, started] = owner.split(":");
      expect(hasEnded(`${machine}/${id}:${Number(started) - 1}/0`)).toBe(true);
      // The shell replaces itself, so nobody asks for the result of the process that it started.
      const parent = spawn("sh", ["-c", "sleep 0.1 & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"] });
      const [output] = (await once(parent.stdout, "data")) as [Buffer];
      const zombie = Number(String(output).trim());
      await vi.waitFor(() => expect(readFileSync(`/proc/${zombie}/stat`, "utf8")).toMatch(/\) Z /), 10_000);
      expect(hasEnded(`${machine}/${zombie}/0`)).toBe(true);
      parent.kill();
    },
  );

  it("does not know processes of an earlier boot", () => {
    const [machine = "", owner] = thisProcess().split("/");
    expect(hasEnded(`${machine.split(":").slice(0, 2).join(":")}:00000000/${owner}/0`)).toBeUndefined();
  });

  it("names a page, and cannot tell if another one has ended", () => {
    expect(elsewhere.thisProcess()).toMatch(/^page\/\d+$/);
    expect(elsewhere.thisProcess()).toBe(elsewhere.thisProcess());
    expect(elsewhere.hasEnded(elsewhere.thisProcess())).toBeUndefined();
  });
});
