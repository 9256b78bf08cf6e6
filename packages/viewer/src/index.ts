/**
 * Shows TensorFlow checkpoints in a web page.
 *
 * @packageDocumentation
 */
export { type MountedViewer, type MountOptions, mount } from "./mount.js";
