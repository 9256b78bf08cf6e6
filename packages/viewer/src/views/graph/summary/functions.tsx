import { formatCount } from "@tfsaver/checkpoint-tools/printing";
import { useState } from "preact/hooks";
import type { GraphIndex } from "../../../model/graph/graph-index.js";
import { FunctionButton } from "../function-button.js";

/** Functions that are shown at most. */
const SHOWN = 100;

/** Shows the functions of a graph, those with the most operations first; each leads to its own graph. */
export function Functions({ graph }: { readonly graph: GraphIndex }) {
  const { functions, damagedFunctions } = graph.about;
  const [text, setText] = useState("");
  const wanted = text.toLowerCase();
  const found = functions.filter(({ name }) => name.toLowerCase().includes(wanted));
  return (
    <>
      {damagedFunctions > 0 && <p class="bad">{formatCount(damagedFunctions, "function")} can't be read.</p>}
      {functions.length > SHOWN && (
        <label>
          Name contains{" "}
          <input type="search" value={text} onInput={({ currentTarget }) => setText(currentTarget.value)} />
        </label>
      )}
      <ul class="node-items">
        {found.slice(0, SHOWN).map(({ name, operations }) => (
          <li key={name}>
            <FunctionButton name={name} /> <span class="quiet number">{formatCount(operations, "operation")}</span>
          </li>
        ))}
      </ul>
      {found.length > SHOWN && (
        <p class="quiet">
          {SHOWN} of {found.length.toLocaleString("en")} are shown.
        </p>
      )}
    </>
  );
}
