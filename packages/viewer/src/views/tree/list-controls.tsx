import { formatBytes, formatCount } from "@tfsaver/checkpoint-tools/printing";
import { useMemo } from "preact/hooks";
import { useApp } from "../../app/context.js";
import { formatAmount } from "../../model/amount.js";
import type { Catalog } from "../../model/tensors/catalog.js";
import { GROUPS, type Group } from "../../model/tensors/grouping.js";
import { SORTS, type Sort } from "../../model/tensors/sort.js";
import type { List, ListOptions } from "./use-list.js";

const GROUP_TEXTS: Readonly<Record<Group, string>> = {
  scopes: "By name",
  objects: "By object",
  "graph-names": "By graph name",
  none: "No groups",
};

const SORT_TEXTS: Readonly<Record<Sort, string>> = {
  name: "Name",
  size: "Size",
  elements: "Params",
  dtype: "Dtype",
};

/** Sizes to filter by, in bytes. */
const SIZES = [1 << 10, 1 << 20, 16 << 20, 256 << 20, 2 ** 30] as const;

interface ListControlsProps {
  readonly catalog: Catalog;
  readonly options: ListOptions;
  readonly list: List;
  readonly isObjectBased: boolean;
}

/** Search, filters, order and grouping of the list, and the sums of what is listed. */
export function ListControls({ catalog, options, list, isObjectBased }: ListControlsProps) {
  const app = useApp();
  const dtypes = useMemo(() => dtypesOf(catalog), [catalog]);
  const set = (name: string, value: string) =>
    app.setParams({ [name]: value === "" ? undefined : value }, { replace: true });
  const groups = GROUPS.filter((group) => isObjectBased || (group !== "objects" && group !== "graph-names"));
  return (
    <div class="list-controls">
      <input
        type="search"
        aria-label="Search tensors"
        placeholder="Search: words, or a pattern with *"
        value={options.query}
        onInput={(event) => set("q", event.currentTarget.value)}
      />
      <div class="selects">
        <Select
          label="Group"
          value={options.group}
          values={groups}
          texts={GROUP_TEXTS}
          onSelect={(v) => set("group", v)}
        />
        <Select label="Sort" value={options.sort} values={SORTS} texts={SORT_TEXTS} onSelect={(v) => set("sort", v)} />
        <select aria-label="Dtype" value={options.dtype} onChange={(event) => set("dtype", event.currentTarget.value)}>
          <option value="">All dtypes</option>
          {dtypes.map((dtype) => (
            <option key={dtype}>{dtype}</option>
          ))}
        </select>
        <select
          aria-label="Size"
          value={options.atLeast || ""}
          onChange={(event) => set("larger", event.currentTarget.value)}
        >
          <option value="">Any size</option>
          {SIZES.map((size) => (
            <option key={size} value={size}>
              ≥ {formatBytes(size)}
            </option>
          ))}
        </select>
      </div>
      <p class="sums quiet number" role="status">
        {list.count === catalog.length ? "" : `${list.count.toLocaleString("en")} of `}
        {formatCount(catalog.length, "tensor")}, {formatAmount(list.elements)}{" "}
        {list.elements === 1 ? "param" : "params"}, {formatBytes(list.bytes)}
      </p>
    </div>
  );
}

interface SelectProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly values: readonly T[];
  readonly texts: Readonly<Record<T, string>>;
  readonly onSelect: (value: T) => void;
}

function Select<T extends string>({ label, value, values, texts, onSelect }: SelectProps<T>) {
  return (
    <select aria-label={label} value={value} onChange={(event) => onSelect(event.currentTarget.value as T)}>
      {values.map((one) => (
        <option key={one} value={one}>
          {texts[one]}
        </option>
      ))}
    </select>
  );
}

function dtypesOf(catalog: Catalog): string[] {
  const found = new Set<string>();
  for (let place = 0; place < catalog.length; place++) found.add(catalog.dtype(place));
  return [...found].sort();
}
