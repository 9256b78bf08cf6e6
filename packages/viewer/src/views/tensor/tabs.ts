import { dtypeInfo, type Shape } from "@tfsaver/core";
import { tableOf } from "../../model/tensor/vocabulary.js";
import type { Catalog, CatalogEntry } from "../../model/tensors/catalog.js";

/** Largest height and width of kernels that are shown as small pictures. */
const MAX_KERNEL = 32;

/** A way to look at a tensor. */
export interface TensorTab {
  readonly value: "numbers" | "statistics" | "picture" | "kernels" | "table";
  readonly text: string;
  /** True if it shows a window of the tensor, whose axes are picked. */
  readonly hasAxes: boolean;
}

/** Returns the tabs of a tensor: those that fit its dtype and shape. */
export function tabsOf(catalog: Catalog, { name, dtype, shape }: CatalogEntry): readonly TensorTab[] {
  const isNumeric = dtypeInfo(dtype).size > 0;
  const isTable = tableOf(catalog, name) !== undefined;
  const all: readonly (TensorTab & { readonly fits: boolean })[] = [
    { value: "numbers", text: isNumeric ? "Numbers" : "Strings", hasAxes: true, fits: true },
    { value: "statistics", text: "Statistics", hasAxes: false, fits: isNumeric },
    { value: "picture", text: "Heat map", hasAxes: true, fits: isNumeric && shape.length > 0 },
    { value: "kernels", text: "Kernels", hasAxes: false, fits: isNumeric && shape.length === 4 && areSmall(shape) },
    { value: "table", text: "Vocabulary", hasAxes: false, fits: isTable },
  ];
  return all.filter(({ fits }) => fits).map(({ value, text, hasAxes }) => ({ value, text, hasAxes }));
}

/** True if kernels of this height and width are small pictures. */
function areSmall([height = 0, width = 0]: Shape): boolean {
  return height <= MAX_KERNEL && width <= MAX_KERNEL;
}

/** Returns the tab that an address names, or the first. */
export function shownTab(tabs: readonly TensorTab[], wanted: string | undefined): TensorTab {
  return tabs.find(({ value }) => value === wanted) ?? (tabs[0] as TensorTab);
}
