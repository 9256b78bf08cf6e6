/**
 * Serves the viewer and a checkpoint on this machine. Needs Node.js.
 *
 * @packageDocumentation
 */
export { openInBrowser } from "./open-in-browser.js";
export { type ServedViewer, type ServeViewerOptions, serveViewer } from "./serve-viewer.js";
