import { formatBytes } from "@tfsaver/checkpoint-tools/printing";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { ShownTensor } from "./shown-tensor.js";

/** Bytes up to which a tensor is read without being asked for (64 MiB). */
const FREE_BYTES = 64 << 20;

interface ReadFirstProps {
  readonly shown: ShownTensor;
  /** False for content that asks itself. */
  readonly asks: boolean;
  readonly children: ComponentChildren;
}

/** Shows its content at once, or after a click where all of a large tensor must be read to show any of it. */
export function ReadFirst({ shown: { entry, inParts }, asks, children }: ReadFirstProps) {
  const [mayRead, setMayRead] = useState(false);
  if (!asks || inParts || mayRead || entry.size <= FREE_BYTES) return <>{children}</>;
  return (
    <p>
      <button type="button" class="primary" onClick={() => setMayRead(true)}>
        Read {formatBytes(entry.size)}
      </button>{" "}
      <span class="quiet">All of this tensor must be read to show a part of it.</span>
    </p>
  );
}
