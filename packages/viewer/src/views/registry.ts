import type { ViewName } from "../model/address.js";
import type { ViewModule } from "./view.js";

/** The views by name. Each is loaded when it is first seen. */
export const VIEWS: Readonly<Record<ViewName, { readonly title: string; readonly load: () => Promise<ViewModule> }>> = {
  overview: { title: "Overview", load: () => import("./overview/overview.js") },
  tensors: { title: "Tensors", load: () => import("./tree/tensors.js") },
  compare: { title: "Compare", load: () => import("./compare/compare.js") },
  graph: { title: "Graph", load: () => import("./graph/graph.js") },
};
