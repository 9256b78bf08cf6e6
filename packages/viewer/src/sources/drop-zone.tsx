import { droppedFiles } from "@tfsaver/storage/blob";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { useApp } from "../app/context.js";
import { placeOfFiles } from "./from-files.js";

/** Opens what is dropped on it. */
export function DropZone({ children }: { readonly children: ComponentChildren }) {
  const app = useApp();
  const [over, setOver] = useState(false);
  const onDragOver = (event: DragEvent) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    setOver(true);
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const { dataTransfer } = event;
    if (dataTransfer === null) return;
    // The drop is empty after this event, so its files are asked for now.
    const files = droppedFiles(dataTransfer);
    void app.addSource(async () => placeOfFiles(await files), true);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the buttons do by keyboard what a drop does
    <div
      class={`viewer ${over ? "over" : ""}`}
      onDragOver={onDragOver}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      {children}
    </div>
  );
}
