import { useRef } from "preact/hooks";
import { useApp } from "../app/context.js";
import { placeOfFiles } from "./from-files.js";

/** Buttons that open a folder or files of this computer. */
export function OpenButtons() {
  return (
    <span class="buttons">
      <Picker text="Open folder" folder />
      <Picker text="Open files" />
    </span>
  );
}

/** The attribute that lets a folder be chosen, which the types of the library lack. */
const FOLDER = (folder: boolean): object => (folder ? { webkitdirectory: true } : {});

function Picker({ text, folder = false }: { readonly text: string; readonly folder?: boolean }) {
  const app = useApp();
  const input = useRef<HTMLInputElement>(null);
  const onChange = (event: Event & { readonly currentTarget: HTMLInputElement }) => {
    // A copy, because the list is emptied, so that the same files can be chosen again.
    const files = [...(event.currentTarget.files ?? [])];
    event.currentTarget.value = "";
    if (files.length > 0) void app.addSource(placeOfFiles(files), true);
  };
  return (
    <>
      <button type="button" onClick={() => input.current?.click()}>
        {text}
      </button>
      <input ref={input} type="file" multiple hidden aria-label={text} onChange={onChange} {...FOLDER(folder)} />
    </>
  );
}
