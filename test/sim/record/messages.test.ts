import { expect, test } from "vitest";
import { Messages } from "../../../sim/record/messages.ts";

// Goal: after an event those messages are on their way that were sent by then.
// Method: messages of several events at one time.

test("after an event nothing is on its way that a later one at the same time sends", () => {
  const messages = new Messages();
  const launched = (kind: string) => ({ from: "m1", to: "m2", kind, sentAt: 100, arrivesAt: 150 });
  messages.add(launched("append"), 5);
  messages.add(launched("heartbeat"), 6);
  const after = (event: number, time: number) => messages.at(event, time).map(({ kind }) => kind);
  expect(after(4, 100)).toEqual([]);
  expect(after(5, 100)).toEqual(["append"]);
  expect(after(6, 100)).toEqual(["append", "heartbeat"]);
  expect(after(7, 149)).toEqual(["append", "heartbeat"]);
  expect(after(7, 150)).toEqual([]);
});
