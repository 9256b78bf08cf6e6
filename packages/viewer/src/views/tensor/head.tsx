import { formatBytes, formatCount } from "@tfsaver/checkpoint-tools/printing";
import { dtypeInfo, formatShape, numElements } from "@tfsaver/core";
import { useState } from "preact/hooks";
import { useApp } from "../../app/context.js";
import { useWork } from "../../app/use-work.js";
import { NameText } from "../../ui/name-text.js";
import { Problem } from "../../ui/problem.js";
import { Working } from "../../ui/working.js";
import { downloadNpy } from "./download.js";
import { Places } from "./places.js";
import type { ShownTensor } from "./shown-tensor.js";

/** What is known about the checksums of a tensor. */
export type ChecksumState = "unknown" | "verified" | "damaged" | "none";

interface HeadProps {
  readonly shown: ShownTensor;
  readonly checksum: ChecksumState;
}

/** Shows the facts about a tensor, and what can be done with all of it. */
export function Head({ shown, checksum }: HeadProps) {
  const app = useApp();
  const { id, entry, onRead } = shown;
  const { name, dtype, shape, size } = entry;
  const [copied, setCopied] = useState(false);
  const verify = useWork(async (options) => {
    await app.askFirst.mayRead(size, `Verify ${name}`);
    try {
      await app.engine.verifyTensor({ id, name }, options);
      onRead(true);
    } catch (error) {
      if (!options.signal.aborted) onRead(error as Error);
    }
  });
  const download = useWork(({ signal, onProgress }) =>
    downloadNpy(app, shown, { signal, onBytes: (done) => onProgress?.({ done, total: size, tensor: name }) }),
  );
  const elements = numElements(shape);
  return (
    <header class="tensor-head">
      <h2>
        <NameText text={name} />
      </h2>
      <ul class="facts number" aria-label="Facts">
        <li>
          {dtype} <strong>{formatShape(shape)}</strong>
        </li>
        <li>{formatCount(elements, dtypeInfo(dtype).size > 0 ? "parameter" : "string")}</li>
        <li>{formatBytes(size)}</li>
        <li class={`checksum ${checksum}`}>{CHECKSUM_TEXT[checksum]}</li>
      </ul>
      <div class="toolbar">
        <button
          type="button"
          onClick={async () => {
            await navigator.clipboard.writeText(name);
            setCopied(true);
          }}
        >
          {copied ? "Copied" : "Copy name"}
        </button>
        {checksum === "unknown" && (
          <button type="button" disabled={verify.running} onClick={verify.start}>
            Verify
          </button>
        )}
        <button type="button" disabled={download.running} onClick={download.start}>
          Download .npy
        </button>
      </div>
      {verify.running && <Working what="Verifying" progress={verify.progress} onStop={verify.stop} />}
      {verify.error && <Problem title="This tensor can't be verified" messages={[verify.error.message]} />}
      {download.running && <Working what="Downloading" progress={download.progress} onStop={download.stop} />}
      {download.error && <Problem title="Not downloaded" messages={[download.error.message]} />}
      <Places id={id} entry={entry} />
    </header>
  );
}

const CHECKSUM_TEXT: Readonly<Record<ChecksumState, string>> = {
  unknown: "checksum not verified",
  verified: "checksum verified",
  damaged: "damaged",
  none: "no checksum in this format",
};
