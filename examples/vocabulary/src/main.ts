/**
 * Saves a vocabulary together with an embedding, and restores both in a new session. Run it with
 * `npx tsx examples/vocabulary/src/main.ts`, optionally followed by an output folder.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Graph, LocalSession, listVariables, MutableHashTable, Saver, Variable } from "tfsaver";
import { VocabularySaveable } from "./vocabulary-saveable.js";

const folder = process.argv[2] ?? mkdtempSync(join(tmpdir(), "tfsaver-example-"));
const WORDS = "the checkpoint holds every variable and the words that number them";

/** Builds a model whose vocabulary is empty until it is trained or restored. */
function model() {
  const graph = new Graph();
  const vocabulary = MutableHashTable.create({
    graph,
    name: "vocabulary",
    keyDtype: "string",
    valueDtype: "int64",
    defaultValue: -1,
    checkpoint: false,
  });
  const embedding = Variable.create(
    Array.from({ length: 10 }, (_, i) => [i, i / 2]),
    { graph, name: "embedding" },
  );
  const saver = new Saver({ graph, varList: [embedding, new VocabularySaveable(vocabulary, "vocabulary")] });
  return { graph, vocabulary, embedding, saver, session: new LocalSession(graph) };
}

const trained = model();
const words = [...new Set(WORDS.split(" "))];
await trained.session.run([trained.embedding.initializer, trained.vocabulary.insert(words, [...words.keys()])]);
const path = (await trained.saver.save(trained.session, join(folder, "model.ckpt"))) ?? "";
for (const { name, dtype, shape } of await listVariables(path)) console.log(`${name} ${dtype} [${shape}]`);

const fresh = model();
const size = fresh.vocabulary.size();
const numbers = fresh.vocabulary.lookup(["words", "that", "nobody", "knows"]);
console.log(`before restoring: ${(await fresh.session.run(size)).data[0]} words`);
await fresh.saver.restore(fresh.session, path);
console.log(`after restoring: ${(await fresh.session.run(size)).data[0]} words`);
console.log(`numbers of "words that nobody knows": ${[...(await fresh.session.run(numbers)).data].join(" ")}`);
await Promise.all([trained.session.close(), fresh.session.close()]);
