/** The part of a service worker's global scope that is used here. */
interface Scope {
  addEventListener(type: "install" | "activate", listener: (event: Waiting) => void): void;
  addEventListener(type: "fetch", listener: (event: FetchEvent) => void): void;
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
}

interface Waiting {
  waitUntil(work: Promise<unknown>): void;
}

interface FetchEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

/** Names of the files of the page, and of their version. The build fills it in. */
declare const PAGE: { readonly version: string; readonly files: readonly string[] };

const scope = self as unknown as Scope;
const cacheName = `viewer-${PAGE.version}`;
const urls = new Set(PAGE.files.map((file) => new URL(file, location.href).href));
const start = new URL("./", location.href).href;

// Keeps the files of the page, so that it works offline. Checkpoints are never kept.
scope.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(cacheName)
      .then((cache) => cache.addAll([...urls, start]))
      .then(() => scope.skipWaiting()),
  );
});

scope.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => names.filter((name) => name.startsWith("viewer-") && name !== cacheName))
      .then((old) => Promise.all(old.map((name) => caches.delete(name))))
      .then(() => scope.clients.claim()),
  );
});

scope.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const [file = ""] = url.split(/[?#]/);
  if (method !== "GET" || !(urls.has(file) || file === start)) return;
  event.respondWith(caches.match(file).then((kept) => kept ?? fetch(event.request)));
});
