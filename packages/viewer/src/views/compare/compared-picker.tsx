import { useApp } from "../../app/context.js";
import { shortPath } from "../../ui/checkpoint-picker.js";
import { allCheckpoints, type CheckpointOf } from "./other-checkpoint.js";

interface ComparedPickerProps {
  readonly before: CheckpointOf;
  readonly after: CheckpointOf;
}

/** Selects the two checkpoints that are compared. */
export function ComparedPicker({ before, after }: ComparedPickerProps) {
  const app = useApp();
  const { params } = app.address.value;
  const swap = () => app.go({ checkpoint: before.path, params: { ...params, against: after.path } });
  return (
    <div class="compare-picker">
      <Picker
        label="Before"
        selected={before}
        onSelect={({ path }) => (path === after.path ? swap() : app.setParams({ against: path }))}
      />
      <button type="button" onClick={swap} title="Swap before and after" aria-label="Swap before and after">
        ⇄
      </button>
      <Picker
        label="After"
        selected={after}
        onSelect={({ path }) =>
          path === before.path ? swap() : app.go({ checkpoint: path, params: { ...params, against: before.path } })
        }
      />
    </div>
  );
}

interface PickerProps {
  readonly label: string;
  readonly selected: CheckpointOf;
  readonly onSelect: (checkpoint: CheckpointOf) => void;
}

function Picker({ label, selected, onSelect }: PickerProps) {
  const all = allCheckpoints(useApp());
  const place = all.findIndex(({ source, path }) => source.id === selected.source.id && path === selected.path);
  return (
    <div class={label.toLowerCase()}>
      <span aria-hidden>{label}</span>
      <select
        aria-label={label}
        value={place}
        onChange={({ currentTarget }) => {
          const chosen = all[Number(currentTarget.value)];
          if (chosen !== undefined) onSelect(chosen);
        }}
      >
        {all.map(({ source, path }, i) => (
          <option key={`${source.id} ${path}`} value={i}>
            {shortPath(path)}
          </option>
        ))}
      </select>
    </div>
  );
}
