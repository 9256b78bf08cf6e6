import { formatBytes, formatCount } from "@tfsaver/checkpoint-tools/printing";
import { formatAmount } from "../../model/amount.js";
import type { Catalog } from "../../model/tensors/catalog.js";
import type { CheckpointTotals, Totals } from "../../model/totals.js";

const FORMATS: Readonly<Record<string, string>> = {
  V1: "V1, tables of slices",
  V2: "V2, index and data files",
  safetensors: "safetensors",
  npz: "NumPy archive (npz)",
  keras: "Keras weights (HDF5)",
  tfjs: "TensorFlow.js weights",
};

/** Data files that are listed by themselves at most. */
const MAX_SHARDS = 64;

/** Shows the totals of a checkpoint, its dtypes and its data files. */
export function Facts({ catalog, totals }: { readonly catalog: Catalog; readonly totals: CheckpointTotals }) {
  const { tensors, elements, bytes, dtypes, shards } = totals;
  const isObjectBased = catalog.placeOf("_CHECKPOINTABLE_OBJECT_GRAPH") !== undefined;
  return (
    <section class="facts">
      <dl class="figures number">
        <Figure name="Tensors" value={tensors.toLocaleString("en")} />
        <Figure name="Parameters" value={formatAmount(elements)} exact={elements.toLocaleString("en")} />
        <Figure name="Bytes" value={formatBytes(bytes)} exact={bytes.toLocaleString("en")} />
        <Figure name="Data files" value={String(catalog.numShards)} />
        <Figure name="Format" value={FORMATS[catalog.format] ?? catalog.format} />
        <Figure name="Names" value={isObjectBased ? "object-based" : "name-based"} />
      </dl>
      <div class="shares">
        <Shares
          title="By dtype"
          total={bytes}
          rows={dtypes.map(({ dtype, ...sums }) => ({ name: dtype as string, ...sums }))}
        />
        {shards.length > 1 && (
          <Shares
            title="By data file"
            total={bytes}
            rows={shards.slice(0, MAX_SHARDS).map(({ shard, ...sums }) => ({ name: `file ${shard}`, ...sums }))}
          />
        )}
      </div>
    </section>
  );
}

interface FigureProps {
  readonly name: string;
  readonly value: string;
  readonly exact?: string;
}

function Figure({ name, value, exact }: FigureProps) {
  return (
    <div>
      <dt class="quiet">{name}</dt>
      <dd>
        {value}
        {exact !== undefined && exact !== value && <span class="exact quiet">{exact}</span>}
      </dd>
    </div>
  );
}

interface SharesProps {
  readonly title: string;
  readonly total: number;
  readonly rows: readonly (Totals & { readonly name: string })[];
}

function Shares({ title, total, rows }: SharesProps) {
  return (
    <table class="number">
      <caption>{title}</caption>
      <tbody>
        {rows.map(({ name, tensors, bytes }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td class="quiet">{formatCount(tensors, "tensor")}</td>
            <td>{formatBytes(bytes)}</td>
            <td>
              <span class="bar-of-share" aria-hidden>
                <span style={{ width: `${total > 0 ? (100 * bytes) / total : 0}%` }} />
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
