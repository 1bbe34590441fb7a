import { expect, test } from "vitest";
import type { ClientReply } from "../../../core/control/command.ts";
import { clientReply } from "../../../real/wire/control.ts";
import { protoMessage } from "../../../real/wire/proto.ts";
import { ReplyBytes } from "../../../real/wire/reply-bytes.ts";
import { service, task } from "../../support/model.ts";

// Goal: bytes that are taken again are those that would be made anew.

const plain = protoMessage(clientReply);
const [web, db, first] = [service("web"), service("db"), task("t1")];

test.each<ClientReply>([
  { kind: "result", objects: [] },
  { kind: "result", objects: [web, db, first] },
  { kind: "outcome", outcome: { kind: "done", result: "id" } },
  { kind: "try-again", leader: null, reason: "no leader" },
])("ReplyBytes.encode() gives what the codec gives: %j", (reply) => {
  const bytes = new ReplyBytes();
  for (let time = 0; time < 2; time += 1) {
    expect(Buffer.from(bytes.encode(reply))).toEqual(Buffer.from(plain.encode(reply)));
  }
});

test("ReplyBytes.encode() tells a new object from the one that it replaces", () => {
  const bytes = new ReplyBytes();
  bytes.encode({ kind: "result", objects: [web, db] });
  const changed = { ...web, specVersion: 7 };
  const reply = { kind: "result", objects: [changed, db] } as const;
  expect(plain.decode(bytes.encode(reply))).toEqual({ kind: "decoded", value: reply });
});
