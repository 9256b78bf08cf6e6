import { sleep } from "@tfsaver/core";
import { canonicalPath } from "./paths.js";

/** Seconds in which the browser may still carry out the last calls of a page that has ended. */
const LAST_CALLS_SECONDS = 0.1;

/** Ends the Web Locks that this page holds, by the paths of their files. */
const releases = new Map<string, () => void>();

/** Marks a file as this page's by a Web Lock, which ends with the page. Takes the mark over from any other page. */
export async function own(path: string): Promise<void> {
  disown(path);
  await new Promise<void>((resolve, reject) => {
    const held = () =>
      new Promise<void>((release) => {
        releases.set(canonicalPath(path), release);
        resolve();
      });
    // Rejects also when another page takes the mark over later. Nobody waits for the promise then.
    navigator.locks.request(nameOf(path), { steal: true }, held).catch(reject);
  });
}

/** Ends the mark of {@link own}. */
export function disown(path: string): void {
  releases.get(canonicalPath(path))?.();
  releases.delete(canonicalPath(path));
}

/** True if no page has marked a file as its own. */
export async function isAbandoned(path: string): Promise<boolean> {
  if (await isOwned(path)) return false;
  await sleep(LAST_CALLS_SECONDS);
  return !(await isOwned(path));
}

async function isOwned(path: string): Promise<boolean> {
  const { held = [] } = await navigator.locks.query();
  return held.some(({ name }) => name === nameOf(path));
}

function nameOf(path: string): string {
  return `@tfsaver/storage-opfs: owner of ${canonicalPath(path)}`;
}
