import type { ComponentType } from "preact";
import type { Source } from "../app/source.js";
import type { Catalog } from "../model/tensors/catalog.js";

/** What a view gets: the open checkpoint. Everything else is in the app (`useApp`). */
export interface ViewProps {
  readonly catalog: Catalog;
  readonly source: Source;
  /** Path of the checkpoint in its source, for calls that take one. */
  readonly path: string;
}

/** What the module of a view exports: its component, and its styles if it has some. */
export interface ViewModule {
  readonly View: ComponentType<ViewProps>;
  readonly styles?: string;
}
