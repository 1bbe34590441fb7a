import fc from "fast-check";
import { expect, test } from "vitest";
import type { Codec } from "../../../real/wire/codec.ts";
import { protoMessage } from "../../../real/wire/proto.ts";
import { bytesOf, messageOf, type WireMessage } from "../../support/wire-arbitraries.ts";
import { wireTypes } from "../../support/wire-types.ts";

// Goal: whatever a peer sends, it is taken or refused with a reason; nothing crashes.
// Method: random bytes, messages with some bytes altered, and messages that lack one thing.

const types = Object.entries(wireTypes) as [string, Codec<unknown>][];
const message = protoMessage(wireTypes.NodeMessage);

function refusal(name: keyof typeof wireTypes, wire: WireMessage): string {
  const found = protoMessage(wireTypes[name] as Codec<unknown>).decode(bytesOf(name, wire));
  return found.kind === "malformed" ? found.reason : "taken";
}

test.each(types)("%s: any bytes are taken or refused", (name, codec) => {
  const { decode } = protoMessage(codec);
  const damaged = fc
    .tuple(messageOf(codec.shape), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1 }))
    .map(([wire, changes]) => {
      const bytes = bytesOf(name, wire);
      for (const [at, value] of changes) bytes[at % Math.max(1, bytes.length)] = value;
      return bytes;
    });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (bytes) => {
      const found = decode(bytes);
      if (found.kind === "malformed") expect(found.reason).toContain(name);
    }),
    { numRuns: 100 },
  );
});

test("a message of no known kind is refused", () => {
  expect(message.decode(new Uint8Array(0))).toEqual({
    kind: "malformed",
    reason: "NodeMessage: is of no kind that is known here",
  });
});

test("what is missing is named with the way to it", () => {
  const heartbeat = { sequence: 1, client: "c" };
  expect(refusal("ClientRequest", { command: { request: heartbeat } })).toBe(
    "ClientRequest: command.command: is missing",
  );
  const query = { query: { getNode: { id: "n1" } } };
  expect(refusal("ClientRequest", { query })).toBe("ClientRequest: query.consistency: is missing");
});

test("values that the model does not have are refused", () => {
  const negative = { raft: { message: { heartbeat: { term: -1 } } } };
  expect(refusal("NodeMessage", negative)).toBe(
    "NodeMessage: raft.message.heartbeat.term: is -1: it must not be below 0",
  );
  const unknown = { query: { query: { getNode: { id: "n1" } }, consistency: 99 } };
  expect(refusal("ClientRequest", unknown)).toBe(
    "ClientRequest: query.consistency: has the unknown value 99",
  );
  const spec = { name: "s", data: "", labels: [{ key: "a" }, { key: "a" }] };
  const create = { request: {}, command: { createSecret: { spec } } };
  expect(refusal("ClientRequest", { command: create })).toBe(
    "ClientRequest: command.command.createSecret.spec.labels: has the key 'a' twice",
  );
  const late = { dispatcher: { message: { heartbeatReceived: { period: { seconds: -1 } } } } };
  expect(refusal("NodeMessage", late)).toBe(
    "NodeMessage: dispatcher.message.heartbeatReceived.period: is below 0: durations never are",
  );
});

test("bytes that are cut short are refused", () => {
  const bytes = bytesOf("Standing", { incarnation: 5, managers: ["m1"] });
  const found = protoMessage(wireTypes.Standing).decode(bytes.subarray(0, bytes.length - 1));
  expect(found.kind).toBe("malformed");
});
