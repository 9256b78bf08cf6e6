import { BlobStorage, droppedFiles } from "@tfsaver/storage/blob";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { useApp } from "../app/context.js";
import { Problem } from "../ui/problem.js";

/** Opens what is dropped on it. */
export function DropZone({ children }: { readonly children: ComponentChildren }) {
  const app = useApp();
  const [over, setOver] = useState(false);
  const [error, setError] = useState<Error | undefined>(undefined);
  const onDrop = async (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (event.dataTransfer === null) return;
    try {
      const storage = new BlobStorage(await droppedFiles(event.dataTransfer));
      const [first = ""] = storage.paths;
      const top = first.split("/")[0] as string;
      setError(undefined);
      await app.addSource(top, storage, top);
    } catch (caught) {
      setError(caught as Error);
    }
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a drop needs no role; the buttons do the same by keyboard
    <div
      class={`viewer ${over ? "over" : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      {children}
      {error && <Problem title="This can't be opened" message={error.message} />}
    </div>
  );
}
