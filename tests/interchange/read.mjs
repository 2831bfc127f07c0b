// Opens a document that Xunji exported, with the JavaScript Automerge package and nothing of ours,
// and prints what it says: node read.mjs FILE
import { readFileSync } from "node:fs";
import * as Automerge from "@automerge/automerge";

const doc = Automerge.load(new Uint8Array(readFileSync(process.argv[2])));

// Plain values of a document come as their own class beside texts.
const plain = (value) => JSON.parse(JSON.stringify(value));

const actors = new Set(Automerge.getAllChanges(doc).map((c) => Automerge.decodeChange(c).actor));

const said = {
  kind: plain(doc.kind),
  title: plain(doc.title),
  effect: plain(doc.effect),
  condition: plain(doc.condition),
  codePoints: [...plain(doc.effect)].length,
  severity: Object.values(Automerge.getConflicts(doc, "severity") ?? {}).map(plain).sort(),
  heads: Automerge.getHeads(doc).sort(),
  actors: actors.size,
};
console.log(JSON.stringify(said));
