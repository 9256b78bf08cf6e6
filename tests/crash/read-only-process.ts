import { chmodSync, readdirSync } from "node:fs";
import { NodeStorage } from "@tfsaver/storage/node";
import { Model } from "../../packages/saver/test/crash/history.js";

/*
 * Saves to a folder, makes it read-only, saves again, and prints the outcome as JSON. Arguments: the folder, the options of the
 * saver as JSON, and, if root runs it, the id of a user and group to become, because root may write anywhere.
 */

const [folder = "", options = "", user = ""] = process.argv.slice(2);

if (user !== "") {
  process.setgroups?.([]);
  process.setgid?.(Number(user));
  process.setuid?.(Number(user));
}

const storage = new NodeStorage();
const model = new Model();
const saver = model.saver(storage, JSON.parse(options));
const first = (await saver.save(await model.holding(10, storage), `${folder}/m`, { globalStep: 1 })) as string;
const before = readdirSync(folder);
chmodSync(folder, 0o555);
const next = saver.save(await model.holding(20, storage), `${folder}/m`, { globalStep: 2 });
const outcome = await next.catch((error: { kind?: string }) => error.kind);
const after = readdirSync(folder);
chmodSync(folder, 0o755);
const value = await model.read(saver, first, storage);
process.stdout.write(JSON.stringify({ user: process.getuid?.(), outcome, before, after, value }));
