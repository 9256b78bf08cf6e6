/**
 * Opens an address in the browser of the person at this machine.
 *
 * @returns false if there is none, as on a server
 *
 * @example
 * ```ts
 * import { openInBrowser, serveViewer } from "@tfsaver/viewer/node";
 *
 * const viewer = await serveViewer("run");
 * if (!(await openInBrowser(viewer.url))) console.log(`Open ${viewer.url}`);
 * ```
 */
export async function openInBrowser(url: string): Promise<boolean> {
  if (process.platform === "linux" && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return false;
  const { default: open } = await import("open");
  try {
    const child = await open(url);
    // What the browser says is not ours to report.
    child.on("error", () => undefined);
    return true;
  } catch {
    return false;
  }
}
