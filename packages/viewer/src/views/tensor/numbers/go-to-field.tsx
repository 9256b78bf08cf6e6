import { useId, useState } from "preact/hooks";
import type { Cell } from "../../../model/tensor/cursor.js";
import { type Destination, goTo } from "../../../model/tensor/go-to.js";
import type { TensorWindow } from "../../../model/tensor/window.js";

interface GoToFieldProps {
  readonly window: TensorWindow;
  readonly active: Cell;
  readonly onGo: (destination: Destination) => void;
}

/** Goes to the element whose index is written. */
export function GoToField({ window, active, onGo }: GoToFieldProps) {
  const id = useId();
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const submit = (event: SubmitEvent & { readonly currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const text = new FormData(event.currentTarget).get("index");
    const destination = goTo(window, active, String(text ?? ""));
    setProblem(typeof destination === "string" ? destination : undefined);
    if (typeof destination !== "string") onGo(destination);
  };
  return (
    <form class="go-to" onSubmit={submit}>
      <label>
        Go to
        <input
          type="text"
          name="index"
          class="number"
          autocomplete="off"
          placeholder={window.columnAxis === undefined ? "row" : "row, column"}
          aria-invalid={problem !== undefined}
          aria-describedby={problem === undefined ? undefined : id}
        />
      </label>
      <button type="submit">Go</button>
      {problem !== undefined && (
        <span id={id} class="input-problem" role="alert">
          {problem}
        </span>
      )}
    </form>
  );
}
