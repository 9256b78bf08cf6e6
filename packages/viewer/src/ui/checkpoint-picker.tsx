import { escapeUnsafe } from "@tfsaver/checkpoint-tools/printing";
import { useApp } from "../app/context.js";
import type { Source } from "../app/source.js";

/** Characters of a path that are shown. */
const SHOWN = 100;

/** Selects the checkpoint that is shown, of all that are open. */
export function CheckpointPicker({ source, path }: { readonly source: Source; readonly path: string }) {
  const app = useApp();
  const sources = app.sources.value;
  const all = sources.flatMap(({ id, found }) => found.checkpoints.map((one) => ({ id, path: one.path })));
  const selected = all.findIndex((one) => one.id === source.id && one.path === path);
  const onChange = (event: Event & { readonly currentTarget: HTMLSelectElement }) => {
    app.go({ checkpoint: all[Number(event.currentTarget.value)]?.path });
  };
  return (
    <select class="picker" aria-label="Checkpoint" value={selected} onChange={onChange}>
      {sources.map(({ id, name }) => (
        <optgroup key={id} label={shortPath(name)}>
          {all.map(
            (one, i) =>
              one.id === id && (
                <option key={one.path} value={i}>
                  {shortPath(one.path)}
                </option>
              ),
          )}
        </optgroup>
      ))}
    </select>
  );
}

/** Keeps the end of a path, which tells checkpoints apart. */
export function shortPath(path: string): string {
  return escapeUnsafe(path.length > SHOWN ? `…${path.slice(-SHOWN)}` : path).replaceAll("\n", "\\n");
}
