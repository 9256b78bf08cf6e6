import type { DirectoryEntry, FileStat } from "@tfsaver/storage";

/** What the worker asks the page: reading from its storages. `source` is the number of a storage. */
export interface StorageContract {
  open(request: { readonly source: number; readonly path: string }): { readonly file: number; readonly size: number };
  read(request: { readonly file: number; readonly offset: number; readonly length: number }): ArrayBuffer;
  close(request: { readonly file: number }): void;
  stat(request: { readonly source: number; readonly path: string }): FileStat | undefined;
  list(request: { readonly source: number; readonly path: string }): DirectoryEntry[];
  canonical(request: { readonly source: number; readonly path: string }): string;
}
