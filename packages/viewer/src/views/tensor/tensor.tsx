import { formatTensor } from "@tfsaver/checkpoint-tools";
import { formatShape } from "@tfsaver/core";
import { useApp } from "../../app/context.js";
import { useResource } from "../../app/use-resource.js";
import type { Catalog, CatalogEntry } from "../../model/tensors/catalog.js";
import { NameText } from "../../ui/name-text.js";
import { Problem } from "../../ui/problem.js";
import { Working } from "../../ui/working.js";

interface TensorViewProps {
  readonly catalog: Catalog;
  readonly entry: CatalogEntry;
}

/** Shows a tensor: its facts and its numbers. */
export function TensorView({ catalog, entry }: TensorViewProps) {
  const { engine } = useApp();
  const { id } = catalog;
  const { name, dtype, shape } = entry;
  const corner = shape.map((size) => ({ start: 0, length: Math.min(size, 10) }));
  const { value, error } = useResource(`${id} ${name}`, (options) => engine.read({ id, name, slice: corner }, options));
  return (
    <section class="page">
      <h2>
        <NameText text={name} />
      </h2>
      <p class="number">
        {dtype} {formatShape(shape)} {value && (value.verified ? "checksum verified" : "checksum not verified")}
      </p>
      {error && <Problem title="This tensor can't be read" messages={[error.message]} />}
      {value === undefined && error === undefined && <Working what="Reading" />}
      {value && <pre class="number">{formatTensor(value.tensor)}</pre>}
    </section>
  );
}
