import type { Context } from "../../context.js";
import { finding, UsageError } from "../../errors.js";
import { loadOptional } from "../../optional-packages.js";
import { printable } from "../../output/printable.js";

/** Options of `tfckpt view`. */
export interface ViewOptions {
  /** False to print the address only. */
  readonly open: boolean;
  readonly port: string;
}

/** `tfckpt view`: serves the viewer with a checkpoint on this machine, until it is interrupted. */
export async function view(path: string, { open, port }: ViewOptions, context: Context): Promise<void> {
  const { storage, signal, stdout, stderr } = context;
  if (!/^\d{1,5}$/.test(port)) throw new UsageError(`--port takes a number, not '${port}'`);
  const { openInBrowser, serveViewer } = await loadViewer();
  const served = await finding(() => serveViewer(path, { storage, port: Number(port) }));
  try {
    await stdout.line(served.url);
    if (open && !(await openInBrowser(served.url)))
      await stderr.line("tfckpt: no browser here: open the address above");
    await stderr.line(`tfckpt: ${printable(path)} is served until Ctrl-C`);
    await aborted(signal);
  } finally {
    await served.close();
  }
}

/** Waits for Ctrl-C, which is how this command ends. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Loads the viewer, which is optional: the other commands do without its page. */
function loadViewer() {
  return loadOptional("The viewer is not installed", ["@tfsaver/viewer"], () => import("@tfsaver/viewer/node"));
}
