import type { DirectoryEntry, Storage } from "@tfsaver/storage";
import { HttpStorage } from "@tfsaver/storage/http";
import { goldenFiles, goldensFolder } from "../../fixtures/files.js";

/** Reads the goldens over HTTP from the server of the browser tests, and can list them. */
class GoldenStorage extends HttpStorage {
  override async list(path: string): Promise<DirectoryEntry[]> {
    const prefix = `${path}/`.slice(goldensFolder.length);
    const names = goldenFiles().flatMap((file) => (file.startsWith(prefix) ? [file.slice(prefix.length)] : []));
    return names.filter((name) => !name.includes("/")).map((name) => ({ name, kind: "file" }));
  }
}

const storage = new GoldenStorage("/");

/** Replaces `@tfsaver/storage/default`, so that tests read the goldens in the same way as in Node.js. */
export function defaultStorage(): Storage {
  return storage;
}

/** Returns the folder of relative paths. */
export function workingDirectory(): string {
  return "/";
}
