// Writes entries to the storage in the folder that it is given, as fast as it takes them, and prints
// the index of each that was acknowledged. It goes on until it is killed.
import { writeSync } from "node:fs";
import { deserialize, serialize } from "node:v8";
import { simpleMembership } from "../../../dist/core/raft/membership.js";
import { openStorage } from "../../../dist/real/storage/open-storage.js";

const [folder] = process.argv.slice(2);
const codec = { encode: serialize, decode: deserialize };
let number = 0;
let index = 0;
let first = 1;
const { storage, durable } = await openStorage({
  folder,
  owner: { nodeId: "n1", clusterId: null },
  codec,
  unlockKey: null,
  acknowledge: (acknowledged) => {
    writeSync(1, `${first + acknowledged - 1}\n`);
    more();
  },
  failed: (reason) => {
    throw new Error(reason);
  },
});
first = (durable.entries.at(-1)?.index ?? durable.snapshot?.index ?? 0) + 1;
index = first - 1;
more();

/** So large that a checkpoint of it is in several parts. */
function stateAt(at) {
  const spec = { data: String(at).padEnd(150_000) };
  const objects = Array.from({ length: 12 }, () => ({ kind: "secret", spec }));
  return { size: 1, store: { index: at, objects, sessions: [], failures: [] } };
}

/** A few at a time, and now and then a snapshot with what goes before it. */
function more() {
  for (let each = 0; each < 3; each += 1) {
    number += 1;
    index += 1;
    const payload = { size: 100, text: "x".repeat(1 + (index % 4_000)) };
    const entries = [{ index, term: 1, kind: "payload", payload }];
    const part = { id: number, hardState: null, snapshot: null, entries, compactTo: 0 };
    const membership = simpleMembership(["a"]);
    const snapshot = { index, term: 1, membership, payload: stateAt(index) };
    const raft =
      index % 50 === 0 ? [part, { ...part, entries: [], snapshot, compactTo: index }] : [part];
    storage.write({ number, wipesRaft: false, raft, tasks: new Map(), standing: null });
  }
}
