let page: string | undefined;

/** Names this page or worker, in files that other processes read. */
export function thisProcess(): string {
  page ??= `page/${crypto.getRandomValues(new BigUint64Array(1))[0]}`;
  return page;
}

/** Tells if a process has ended. A page cannot see processes, so the answer is always `undefined`. */
export function hasEnded(_name: string): boolean | undefined {
  return undefined;
}
