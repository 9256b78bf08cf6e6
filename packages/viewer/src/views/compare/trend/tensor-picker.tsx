import { formatShape } from "@tfsaver/core";
import { useMemo, useState } from "preact/hooks";
import { useApp } from "../../../app/context.js";
import type { Catalog } from "../../../model/tensors/catalog.js";
import { filterTensors, haystackOf } from "../../../model/tensors/filter.js";
import { NameText } from "../../../ui/name-text.js";
import { VirtualRows } from "../../../ui/virtual-rows.js";

interface TensorPickerProps {
  readonly catalog: Catalog;
  readonly selected: string | undefined;
}

/** Selects a tensor from a list, with a search. */
export function TensorPicker({ catalog, selected }: TensorPickerProps) {
  const app = useApp();
  const { find = "" } = app.address.value.params;
  const haystack = useMemo(() => haystackOf(catalog), [catalog]);
  const places = useMemo(
    () => filterTensors(catalog, haystack, { query: find, dtype: "", atLeast: 0 }),
    [catalog, haystack, find],
  );
  const [active, setActive] = useState(() => Math.max(0, places.indexOf(catalog.placeOf(selected ?? "") ?? -1)));
  const open = (index: number) => {
    setActive(index);
    const place = places[index];
    if (place !== undefined) app.go({ tensor: catalog.names[place] });
  };
  return (
    <div class="compare-list">
      <div class="compare-controls">
        <input
          type="search"
          aria-label="Search tensors"
          placeholder="Search: words, or a pattern with *"
          value={find}
          onInput={({ currentTarget }) => {
            setActive(0);
            app.setParams({ find: currentTarget.value || undefined }, { replace: true });
          }}
        />
      </div>
      {places.length === 0 ? (
        <p class="page quiet">Nothing matches.</p>
      ) : (
        <VirtualRows
          attributes={{ role: "listbox", "aria-label": "Tensors" }}
          count={places.length}
          rowHeight={28}
          active={Math.min(active, places.length - 1)}
          onActive={setActive}
          onKey={(key, index) => {
            if (key !== "Enter" && key !== " ") return false;
            open(index);
            return true;
          }}
          onPress={open}
          row={(index, attributes) => {
            const { name, dtype, shape } = catalog.at(places[index] as number);
            return (
              <div
                key={name}
                {...attributes}
                role="option"
                class="compared-row"
                aria-selected={name === selected}
                aria-posinset={index + 1}
                aria-setsize={places.length}
              >
                <span class="compared-name single">
                  <NameText text={name} inRow />
                </span>
                <span class="compared-kind number quiet">
                  {dtype} {formatShape(shape)}
                </span>
              </div>
            );
          }}
        />
      )}
    </div>
  );
}
