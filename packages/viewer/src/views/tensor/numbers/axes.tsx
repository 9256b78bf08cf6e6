import { useId } from "preact/hooks";
import type { TensorWindow } from "../../../model/tensor/window.js";
import { formatNumpySlice, withAxes, withPosition } from "../../../model/tensor/window.js";

interface AxesProps {
  readonly window: TensorWindow;
  readonly onChange: (window: TensorWindow) => void;
  /** Called with a slice that was written. */
  readonly onSlice: (slice: string) => void;
  /** What is wrong with the slice in the address. */
  readonly problem: string | undefined;
}

/** Picks the axes that are shown as rows and columns, the position of each other one, and the slice as a text. */
export function Axes({ window, onChange, onSlice, problem }: AxesProps) {
  const { shape, rowAxis, columnAxis, ranges } = window;
  const all = shape.map((_, axis) => axis);
  // An axis with one position needs no slider. Hostile shapes have hundreds of them.
  const others = all.filter((axis) => axis !== rowAxis && axis !== columnAxis && (shape[axis] as number) > 1);
  const pick = (label: string, value: number, other: number, change: (axis: number) => TensorWindow) => (
    <label>
      {label}
      <select
        value={value}
        onChange={(event) => {
          const axis = Number(event.currentTarget.value);
          // An axis that is picked twice changes places with the other.
          onChange(axis === other ? withAxes(window, columnAxis as number, rowAxis as number) : change(axis));
        }}
      >
        {all.map((axis) => (
          <option key={axis} value={axis}>
            axis {axis} ({shape[axis]?.toLocaleString("en")})
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <fieldset class="axes" aria-label="Slice">
      {rowAxis !== undefined && columnAxis !== undefined && (
        <>
          {pick("Rows", rowAxis, columnAxis, (axis) => withAxes(window, axis, columnAxis))}
          {pick("Columns", columnAxis, rowAxis, (axis) => withAxes(window, rowAxis, axis))}
        </>
      )}
      {others.map((axis) => (
        <Position
          key={axis}
          axis={axis}
          size={shape[axis] as number}
          value={ranges[axis]?.start as number}
          onChange={(position) => onChange(withPosition(window, axis, position))}
        />
      ))}
      <SliceText text={formatNumpySlice(shape, ranges)} onSlice={onSlice} problem={problem} />
    </fieldset>
  );
}

interface PositionProps {
  readonly axis: number;
  readonly size: number;
  readonly value: number;
  readonly onChange: (position: number) => void;
}

function Position({ axis, size, value, onChange }: PositionProps) {
  const input = {
    min: 0,
    max: size - 1,
    value,
    onInput: (event: { readonly currentTarget: HTMLInputElement }) => onChange(event.currentTarget.valueAsNumber),
  };
  return (
    <label>
      Axis {axis}
      <input type="range" aria-label={`Axis ${axis}, slider`} {...input} />
      <input type="number" class="number" aria-label={`Axis ${axis}, 0 to ${size - 1}`} {...input} />
    </label>
  );
}

interface SliceTextProps {
  readonly text: string;
  readonly onSlice: (slice: string) => void;
  readonly problem: string | undefined;
}

function SliceText({ text, onSlice, problem }: SliceTextProps) {
  const id = useId();
  return (
    <label>
      Slice
      <input
        key={text}
        type="text"
        class="slice-text number"
        defaultValue={text}
        spellcheck={false}
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : id}
        onChange={(event) => onSlice(event.currentTarget.value)}
      />
      {problem !== undefined && (
        <span id={id} class="input-problem" role="alert">
          {problem}
        </span>
      )}
    </label>
  );
}
