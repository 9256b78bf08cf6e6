import { hashAddress } from "../app/address-bar.js";
import { mountApp } from "../mount.js";
import { placeOfUrl } from "../sources/from-url.js";

const { app } = mountApp(document.getElementById("viewer") as HTMLElement, hashAddress());
for (const url of new URLSearchParams(location.search).getAll("url")) {
  void app.addSource(async () => placeOfUrl(url), false);
}
