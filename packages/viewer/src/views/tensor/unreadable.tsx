import { formatBytes, formatCount } from "@tfsaver/checkpoint-tools/printing";
import { formatShape } from "@tfsaver/core";
import { useState } from "preact/hooks";
import { useApp } from "../../app/context.js";
import { useResource } from "../../app/use-resource.js";
import { hexLines } from "../../model/tensor/hex-lines.js";
import type { Catalog } from "../../model/tensors/catalog.js";
import { NameText } from "../../ui/name-text.js";
import { Problem } from "../../ui/problem.js";
import { ScrollBox } from "../../ui/scroll-box.js";
import type { UnreadableEntry } from "../../worker/list-tensors.js";

/** Bytes that are shown at first. Each click shows four times as many. */
const FIRST_BYTES = 4096;

/** Lists the entries of an index that can't be read. */
export function UnreadableList({ catalog }: { readonly catalog: Catalog }) {
  const app = useApp();
  const { unreadable } = catalog;
  if (unreadable.length === 0) return null;
  return (
    <details class="unreadable-list">
      <summary>{formatCount(unreadable.length, "entry", "entries")} can't be read</summary>
      <ul>
        {unreadable.map(({ name, message }) => (
          <li key={`${name} ${message}`}>
            {name === undefined ? (
              <NameText text={message} />
            ) : (
              <button type="button" class="link" onClick={() => app.go({ tensor: name })}>
                <NameText text={name} inRow />
              </button>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}

interface UnreadableViewProps {
  readonly catalog: Catalog;
  readonly entry: UnreadableEntry & { readonly name: string };
}

/** Shows an entry that is no tensor: what is wrong with it, and the bytes that it names. */
export function UnreadableView({ catalog, entry }: UnreadableViewProps) {
  const { engine } = useApp();
  const { id } = catalog;
  const { name, message } = entry;
  const [maxBytes, setMaxBytes] = useState(FIRST_BYTES);
  const { value, error } = useResource(`${id} ${name} ${maxBytes}`, (options) =>
    engine.rawBytes({ id, name, maxBytes }, options),
  );
  return (
    <section class="tensor" aria-label="Tensor">
      <h2>
        <NameText text={name} />
      </h2>
      <Problem title="This tensor can't be read" messages={error ? [message, error.message] : [message]} />
      {value && (
        <>
          <ul class="facts number" aria-label="Facts">
            <li>dtype {value.dtype}</li>
            <li>{formatShape(value.shape)}</li>
            <li>{formatBytes(value.length)}</li>
          </ul>
          <p class="place number quiet">
            <NameText text={value.path.slice(value.path.lastIndexOf("/") + 1)} />, offset{" "}
            {value.offset.toLocaleString("en")}
          </p>
          <ScrollBox label="Bytes" class="raw-bytes">
            <pre>{hexLines(value.bytes)}</pre>
          </ScrollBox>
          {value.bytes.length === maxBytes && value.bytes.length < value.length && (
            <p>
              <button type="button" onClick={() => setMaxBytes(maxBytes * 4)}>
                Show more bytes
              </button>
            </p>
          )}
        </>
      )}
    </section>
  );
}
