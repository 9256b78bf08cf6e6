import { formatBytes } from "@tfsaver/checkpoint-tools/printing";
import { formatShape } from "@tfsaver/core";
import { useApp } from "../../app/context.js";
import type { Catalog } from "../../model/catalog.js";
import { NameText } from "../../ui/name-text.js";
import { VirtualRows } from "../../ui/virtual-rows.js";

interface TensorListProps {
  readonly catalog: Catalog;
  readonly selected: string | undefined;
}

/** Lists all tensors. */
export function TensorList({ catalog, selected }: TensorListProps) {
  const app = useApp();
  return (
    <VirtualRows
      class="tensor-list"
      role="listbox"
      label="Tensors"
      count={catalog.length}
      rowHeight={26}
      row={(place, style) => {
        const { name, dtype, shape, size } = catalog.at(place);
        return (
          <button
            key={name}
            type="button"
            role="option"
            aria-selected={name === selected}
            class="row"
            style={style}
            onClick={() => app.go({ tensor: name })}
          >
            <NameText text={name} inRow />
            <span class="number quiet">
              {dtype} {formatShape(shape)}
            </span>
            <span class="number">{formatBytes(size)}</span>
          </button>
        );
      }}
    />
  );
}
