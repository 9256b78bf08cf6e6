import type { ComponentType } from "preact";
import type { Source } from "../app/source.js";
import type { Catalog } from "../model/catalog.js";

/** What a view gets: the open checkpoint. Everything else is in the app (`useApp`). */
export interface ViewProps {
  readonly catalog: Catalog;
  readonly source: Source;
}

/** What the module of a view exports: its component, and its styles if it has some. */
export interface ViewModule {
  readonly View: ComponentType<ViewProps>;
  readonly styles?: string;
}
