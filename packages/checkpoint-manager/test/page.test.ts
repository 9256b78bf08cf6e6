import { watchSignals } from "@tfsaver/storage/host";
import { expect, test } from "vitest";
import { startRun } from "./model.js";

test("onSignal says that a page receives no signals, and is closed in a process", async () => {
  const stopWatching = watchSignals([], () => undefined);
  if (stopWatching === undefined) {
    expect(() => startRun({ onSignal: ["SIGTERM"] })).toThrow("onSignal needs a process");
  } else {
    await startRun({ onSignal: ["SIGTERM"] }).manager.close();
    expect(() => startRun({ onSignal: ["SIGNONE" as "SIGTERM"] })).toThrow("'SIGNONE' is not a signal of this system");
  }
});
