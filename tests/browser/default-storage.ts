import type { DirectoryEntry, Storage } from "@tfsaver/storage";
import { HttpStorage } from "@tfsaver/storage/http";
import { goldenFiles, goldensFolder } from "../../fixtures/files.js";

/** The goldens over HTTP, from the server of the browser lane; listed too, because what it has is known. */
class GoldenStorage extends HttpStorage {
  override async list(path: string): Promise<DirectoryEntry[]> {
    const prefix = `${path}/`.slice(goldensFolder.length);
    const names = goldenFiles().flatMap((file) => (file.startsWith(prefix) ? [file.slice(prefix.length)] : []));
    return names.filter((name) => !name.includes("/")).map((name) => ({ name, kind: "file" }));
  }
}

const storage = new GoldenStorage("/");

/** Stands in for `@tfsaver/storage/default`: tests that read goldens are the same in Node.js and here. */
export function defaultStorage(): Storage {
  return storage;
}

/** Where relative paths start. */
export function workingDirectory(): string {
  return "/";
}
