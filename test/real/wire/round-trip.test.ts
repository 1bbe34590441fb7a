import fc from "fast-check";
import type protobuf from "protobufjs";
import { expect, test } from "vitest";
import { isEqual } from "../../../core/base/equal.ts";
import { limits } from "../../../core/base/limits.ts";
import type { Timestamp } from "../../../core/base/time.ts";
import { serviceSpec } from "../../../core/model/service-defaults.ts";
import type { NodeMessage } from "../../../core/node/message.ts";
import { storeEntry } from "../../../core/node/payload.ts";
import type { NodePayload } from "../../../core/node/wal-write.ts";
import type { Entry, Payload } from "../../../core/raft/message.ts";
import type { Codec } from "../../../real/wire/codec.ts";
import { nodeMessage } from "../../../real/wire/node-message.ts";
import { timestamp } from "../../../real/wire/numbers.ts";
import { loggedEntry, payloadCodec } from "../../../real/wire/payload.ts";
import { protoMessage } from "../../../real/wire/proto.ts";
import { messageType } from "../../../real/wire/schema.ts";
import { transaction as measuredTransaction } from "../../../real/wire/store.ts";
import { node, secret, service, task } from "../../support/model.ts";
import { RecordedCluster } from "../../support/recorded-cluster.ts";
import { bytesOf, messageOf, type WireMessage } from "../../support/wire-arbitraries.ts";
import { wireTypes } from "../../support/wire-types.ts";

// Goal: what is written to a disk or sent comes back as it was; nothing is lost, nothing invented.
// Method: any message of the .proto files, as a value of the model and as a message again; all that
// a simulated cluster says; and the cases in which null, none and zero differ.

const runs = { numRuns: 150 };

test.each(Object.entries(wireTypes) as [string, Codec<unknown>][])(
  "%s comes back from the wire as it was",
  (name, codec) => {
    const { encode, decode } = protoMessage(codec);
    fc.assert(
      fc.property(messageOf(codec.shape), (message) => {
        const sent = bytesOf(name, message);
        const first = decode(sent);
        if (first.kind !== "decoded") throw new Error(first.reason);
        const again = encode(first.value);
        expect(plain(name, again)).toEqual(plain(name, sent));
        const second = decode(again);
        expect(second.kind === "decoded" && isEqual(second.value, first.value)).toBe(true);
      }),
      runs,
    );
  },
);

function plain(name: string, bytes: Uint8Array): WireMessage {
  const type = messageType(name);
  const options = { longs: String, bytes: String, defaults: true, oneofs: true };
  return type.toObject(type.decode(bytes) as protobuf.Message, options);
}

function cameBack<T>(codec: Codec<T>, value: T): T {
  const { encode, decode } = protoMessage(codec);
  const found = decode(encode(value));
  if (found.kind !== "decoded") throw new Error(found.reason);
  return found.value;
}

test("all that a simulated cluster says comes back as it was", () => {
  const cluster = new RecordedCluster(["m1", "m2", "m3"], ["w1"], { snapshotInterval: 10 });
  cluster.until(20);
  const command = { kind: "create-service", spec: serviceSpec("web", "web:1", 4) } as const;
  const request = { client: "c", sequence: 1 };
  cluster.request("m1", { kind: "command", request, command });
  cluster.until(60);
  const said = cluster.lives.flatMap(({ outputs }) => outputs.flatMap(messagesIn));
  const kinds = new Set(said.map(({ kind }) => kind));
  expect([...kinds].sort()).toEqual([
    "agent",
    "ca-answer",
    "ca-request",
    "dispatcher",
    "forward",
    "forward-reply",
    "raft",
  ]);
  for (const message of said) {
    expect(withEntries(cameBack(nodeMessage, message))).toEqual(withEntries(message));
  }
  expect(said.length).toBeGreaterThan(200);
});

/** A payload is an object of each world's own: what it says, in place of it. */
function withEntries(message: NodeMessage): unknown {
  if (message.kind !== "raft" || message.message.kind !== "append") return message;
  const entries = message.message.entries.map((entry) =>
    entry.kind === "payload" ? { ...entry, payload: storeEntry(entry) } : entry,
  );
  return { ...message, message: { ...message.message, entries } };
}

function messagesIn(output: { kind: string }): NodeMessage[] {
  return output.kind === "send" ? [(output as unknown as { message: NodeMessage }).message] : [];
}

test("null, none and zero stay apart", () => {
  const { description } = node("n1");
  const described = (plugins: readonly string[] | null) => ({
    ...node("n1"),
    description: { ...description, plugins },
  });
  for (const plugins of [null, [], ["Volume/nfs"]]) {
    expect(cameBack(wireTypes.Node, described(plugins))).toEqual(described(plugins));
  }
  const stopped = task("t1", { service: "s1" });
  for (const exitCode of [null, 0, 137, -1]) {
    const value = { ...stopped, status: { ...stopped.status, exitCode } };
    expect(cameBack(wireTypes.Task, value)).toEqual(value);
  }
  const lost = { ...stopped, status: { ...stopped.status, isLost: true as const } };
  expect(cameBack(wireTypes.Task, lost)).toEqual(lost);
  expect("isLost" in cameBack(wireTypes.Task, stopped).status).toBe(false);
});

test("a table keeps its order and any key", () => {
  const labels = new Map([
    ["z", "1"],
    ["2", "2"],
    ["1", "3"],
    ["__proto__", "4"],
    ["", ""],
  ]);
  const value = { ...secret("s1"), spec: { ...secret("s1").spec, labels } };
  expect([...cameBack(wireTypes.Secret, value).spec.labels]).toEqual([...labels]);
});

test("a payload is encoded once, and is as large as its bytes, measured before or not", () => {
  const change = { kind: "create", object: service("s1") } as const;
  const request = { client: "c", sequence: 1 };
  const transaction = { actor: "control", changes: [change], request, result: "s1" } as const;
  const time = 5 as never;
  const entry = { term: 1, time, transactions: [transaction] };
  const payload = loggedEntry(entry);
  const bytes = payloadCodec.encode(payload);
  expect(payloadCodec.encode(payload)).toBe(bytes);
  const received = payloadCodec.decode(bytes) as Payload;
  expect(received.size).toBe(bytes.length);
  expect(storeEntry(inLog(received))).toEqual(entry);
  expect(payload.size).toBeLessThan(bytes.length);
  expect(payload.size).toBeGreaterThan(bytes.length - 50);
  expect(measuredTransaction.sizeOf(transaction)).toBe(payload.size);
  expect(payloadCodec.encode(loggedEntry(entry))).toEqual(bytes);
});

test("what an entry in the log says is kept until it is applied, and can be read again", () => {
  const entry = { term: 1, time: 5 as never, transactions: [] };
  const proposed = loggedEntry(entry);
  const received = payloadCodec.decode(payloadCodec.encode(proposed)) as Payload;
  expect(storeEntry(inLog(proposed))).toBe(entry);
  const [first, second] = [storeEntry(inLog(received)), storeEntry(inLog(received))];
  expect(first).toEqual(entry);
  expect(second).toEqual(entry);
  expect(second).not.toBe(first);
  expect(storeEntry(inLog(proposed))).not.toBe(entry);
});

function inLog(payload: Payload): Entry {
  return { kind: "payload", term: 1, index: 1, payload };
}

test("what is kept of an entry in the log is its own bytes, not what they came in", () => {
  const made = loggedEntry({ term: 1, time: 5 as never, transactions: [] });
  const bytes = payloadCodec.encode(made);
  expect(bytes.buffer.byteLength).toBe(bytes.length);
  const received = Buffer.concat([Buffer.alloc(100_000), bytes]).subarray(100_000);
  const payload = payloadCodec.decode(received) as Payload;
  expect(payloadCodec.encode(payload).buffer.byteLength).toBe(bytes.length);
});

test("what the agent keeps comes back from the log, with the tasks that are forgotten", () => {
  const place = { incarnation: 1, version: 7, memberId: null, managers: ["m1"], founders: ["m1"] };
  const tasks = new Map([
    ["t1", task("t1", { service: "s1" })],
    ["t2", null],
  ]);
  const kept: NodePayload = { size: 2, tasks, standing: place };
  expect(payloadCodec.decode(payloadCodec.encode(kept))).toEqual(kept);
});

test("a moment that is as far away as anybody may ask for comes back, too", () => {
  const { encode, decode } = protoMessage(timestamp);
  const far = (Date.UTC(2150, 0) * 1_000 + limits.longestSpan) as Timestamp;
  expect(decode(encode(far))).toEqual({ kind: "decoded", value: far });
  expect(() => encode((2 ** 53) as Timestamp)).toThrow("is too far away");
});
