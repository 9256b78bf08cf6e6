import { useState } from "preact/hooks";
import { useApp } from "../app/context.js";
import { placeOfUrl } from "./from-url.js";
import { OpenButtons } from "./open-buttons.js";

/** What is seen before anything is open: the ways to open something. */
export function Start() {
  const app = useApp();
  const [url, setUrl] = useState("");
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    void app.addSource(async () => placeOfUrl(url), true);
  };
  return (
    <section class="start">
      <h2>Drop a checkpoint here</h2>
      <p>Its folder, or any of its files. A folder with many checkpoints shows all of them.</p>
      <OpenButtons />
      <form onSubmit={onSubmit}>
        <label>
          <span>or the address of one</span>
          <input
            type="url"
            required
            placeholder="https://host/run/model.ckpt-1000"
            value={url}
            onInput={(event) => setUrl(event.currentTarget.value)}
          />
        </label>
        <button type="submit">Open</button>
      </form>
      <p class="quiet">
        Reads TensorFlow checkpoints (V1, V2, SavedModel), safetensors, npz, and weights of Keras and TensorFlow.js.
        Nothing leaves this computer.
      </p>
    </section>
  );
}
