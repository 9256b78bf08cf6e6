import type { SignatureSummary, SignatureTensor } from "@tfsaver/checkpoint-tools/meta-graph";
import { formatShape } from "@tfsaver/core";
import { NameText } from "../../../ui/name-text.js";

/** Shows the signatures of a graph. */
export function Signatures({ signatures }: { readonly signatures: readonly SignatureSummary[] }) {
  return (
    <>
      {signatures.map(({ key, method, inputs, outputs }) => (
        <details key={key}>
          <summary>
            <NameText text={key} inRow />{" "}
            <span class="quiet">
              <NameText text={method} inRow />
            </span>
          </summary>
          <ul class="node-items">
            {inputs.map((tensor) => (
              <li key={`in ${tensor.key}`}>
                <SignaturePart what="input" tensor={tensor} />
              </li>
            ))}
            {outputs.map((tensor) => (
              <li key={`out ${tensor.key}`}>
                <SignaturePart what="output" tensor={tensor} />
              </li>
            ))}
          </ul>
        </details>
      ))}
    </>
  );
}

function SignaturePart({ what, tensor }: { readonly what: string; readonly tensor: SignatureTensor }) {
  const { key, name, dtype = "unknown dtype", shape } = tensor;
  return (
    <>
      {what} <NameText text={key} />{" "}
      <span class="quiet number">
        {dtype} {formatShape(shape)}, <NameText text={name ?? "made of several tensors"} />
      </span>
    </>
  );
}
