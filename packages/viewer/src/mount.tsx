import type { Storage } from "@tfsaver/storage";
import { render } from "preact";
import { type AddressBar, memoryAddress } from "./app/address-bar.js";
import { App } from "./app/app.js";
import { AppProvider } from "./app/context.js";
import { Shell } from "./shell.js";
import { adoptStyles } from "./styles/adopt.js";
import base from "./styles/base.css?inline";

/** Options of {@link mount}. */
export interface MountOptions {
  /** The storage to read from. Default: none; the viewer waits for a drop. */
  readonly storage?: Storage | undefined;
  /** What to show: a prefix, a file, a folder or a state file. Default: the root of the storage. */
  readonly prefix?: string | undefined;
}

/** A viewer in a page. */
export interface MountedViewer {
  /** Removes the viewer from the page and ends its worker. */
  unmount(): void;
}

/** Shows the app in an element, within a shadow root, so that its styles and those of the page do not meet. */
export function mountApp(element: HTMLElement, bar: AddressBar): { readonly app: App; unmount(): void } {
  const root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
  adoptStyles(root, base);
  const app = new App(bar);
  render(
    <AppProvider value={app}>
      <Shell />
    </AppProvider>,
    root,
  );
  return {
    app,
    unmount: () => {
      render(null, root);
      app.close();
    },
  };
}

/** The viewers by their elements, so that another one takes the place of the first. */
const mounted = new WeakMap<HTMLElement, MountedViewer>();

/**
 * Shows the viewer in an element of a page, in place of one that was there. The page's address stays as it is.
 *
 * @param element - gets a shadow root; give it a height
 * @example
 * ```ts
 * import { MemoryStorage } from "@tfsaver/storage";
 * import { mount } from "@tfsaver/viewer";
 *
 * declare const element: HTMLElement;
 * const viewer = mount(element, { storage: new MemoryStorage(), prefix: "run/model.ckpt-7" });
 * viewer.unmount();
 * ```
 */
export function mount(element: HTMLElement, options: MountOptions = {}): MountedViewer {
  const { storage, prefix = "" } = options;
  mounted.get(element)?.unmount();
  const { app, unmount } = mountApp(element, memoryAddress());
  mounted.set(element, { unmount });
  if (storage !== undefined) void app.addSource({ name: prefix, storage, path: prefix }, false);
  return { unmount };
}
