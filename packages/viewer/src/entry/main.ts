import { hashAddress } from "../app/address-bar.js";
import { mountApp } from "../mount.js";
import { placeOfUrl } from "../sources/from-url.js";
import { servedPlace } from "../sources/served-storage.js";

const { app } = mountApp(document.getElementById("viewer") as HTMLElement, hashAddress());
const search = new URLSearchParams(location.search);
for (const path of search.getAll("served")) void app.addSource(servedPlace(path), false);
for (const url of search.getAll("url")) void app.addSource(async () => placeOfUrl(url), false);

// A page that a server on this machine shows for a while must leave nothing behind. Without a service worker, it works online only.
if (document.documentElement.dataset.served === undefined)
  navigator.serviceWorker?.register("./service-worker.js").catch(() => undefined);
