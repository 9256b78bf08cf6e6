import { type Signal, signal } from "@preact/signals";
import { type Address, formatAddress, parseAddress, START } from "../model/address.js";

/** Where the address is kept: behind the `#` of the page, or in memory if the page belongs to somebody else. */
export interface AddressBar {
  readonly address: Signal<Address>;
  /** Shows another address. `replace` makes no entry in the history, for what changes at every key. */
  go(address: Address, replace: boolean): void;
  close(): void;
}

/** Keeps the address in memory. */
export function memoryAddress(): AddressBar {
  const address = signal(START);
  return {
    address,
    go: (next) => {
      address.value = next;
    },
    close: () => undefined,
  };
}

/** Keeps the address behind the `#` of the page. */
export function hashAddress(): AddressBar {
  const address = signal(parseAddress(location.hash));
  const update = () => {
    address.value = parseAddress(location.hash);
  };
  addEventListener("popstate", update);
  return {
    address,
    go: (next, replace) => {
      address.value = next;
      history[replace ? "replaceState" : "pushState"](null, "", `#${formatAddress(next)}`);
    },
    close: () => removeEventListener("popstate", update),
  };
}
