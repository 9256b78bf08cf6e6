import { formatBytes, formatCount } from "@tfsaver/checkpoint-tools/printing";
import { useApp } from "../../app/context.js";
import { useResource } from "../../app/use-resource.js";
import { formatNumpySlice } from "../../model/tensor/window.js";
import type { CatalogEntry } from "../../model/tensors/catalog.js";
import { NameText } from "../../ui/name-text.js";
import { ScrollBox } from "../../ui/scroll-box.js";
import type { StoredPlace } from "../../worker/handlers/place.js";

interface PlacesProps {
  readonly id: number;
  readonly entry: CatalogEntry;
}

/** Shows where a tensor lies: file, offset and length; for a partitioned one, those of each slice. */
export function Places({ id, entry }: PlacesProps) {
  const { engine } = useApp();
  const { name, slices } = entry;
  const { value, error } = useResource(`${id} ${name}`, (options) => engine.places({ id, name }, options));
  if (error !== undefined) return <p class="place quiet">Where it lies is not known: {error.message}</p>;
  const [first] = value ?? [];
  if (value === undefined || first === undefined) return <p class="place quiet">&nbsp;</p>;
  if (slices === 0) {
    return (
      <p class="place number quiet">
        <NameText text={fileOf(first)} />, offset {first.offset.toLocaleString("en")}, {formatBytes(first.length)}
      </p>
    );
  }
  return (
    <details class="place">
      <summary>
        Stored in {formatCount(slices, "slice")}
        {value.length < slices && `, of which ${value.length.toLocaleString("en")} are listed`}
      </summary>
      <ScrollBox label="Slices">
        <table class="number">
          <thead>
            <tr>
              <th scope="col">Slice</th>
              <th scope="col">File</th>
              <th scope="col">Offset</th>
              <th scope="col">Bytes</th>
            </tr>
          </thead>
          <tbody>
            {value.map((place) => (
              <tr key={sliceText(place, entry)}>
                <th scope="row">{sliceText(place, entry)}</th>
                <td>
                  <NameText text={fileOf(place)} />
                </td>
                <td>{place.offset.toLocaleString("en")}</td>
                <td>{place.length.toLocaleString("en")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
    </details>
  );
}

function fileOf({ path }: StoredPlace): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function sliceText({ slice }: StoredPlace, { shape }: CatalogEntry): string {
  const ranges = shape.map((length, axis) => {
    const extent = slice?.[axis] ?? "full";
    return extent === "full" ? { start: 0, length } : extent;
  });
  return formatNumpySlice(shape, ranges);
}
