import { useEffect, useState } from "preact/hooks";
import { useApp } from "../app/context.js";
import { Dialog } from "../ui/dialog/dialog.js";
import { Start } from "./start.js";

/** A button that opens something beside what is open. */
export function OpenMore() {
  const [isOpen, setOpen] = useState(false);
  const sources = useApp().sources.value;
  // What was chosen is seen once the dialog is gone.
  useEffect(() => setOpen(false), [sources]);
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Open …
      </button>
      {isOpen && (
        <Dialog title="Open another checkpoint" onClose={() => setOpen(false)}>
          <Start />
          <div class="buttons">
            <button type="button" onClick={() => setOpen(false)}>
              Cancel
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}
