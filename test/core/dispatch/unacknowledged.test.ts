import { expect, test } from "vitest";
import { us } from "../../../core/base/time.ts";
import { node, task } from "../../support/model.ts";
import { create } from "../../support/store.ts";
import { Leader } from "./leader.ts";

test("a set that takes long on its way is sent again ever less often, until it has come", () => {
  const leader = new Leader([node("w1"), task("a", { node: "w1" })]);
  const session = leader.open("w1");
  const moments: number[] = [];
  const wait = (from: number, to: number) => {
    for (let second = from; second <= to; second += 1) {
      for (const { message } of leader.at(second).sent) {
        if (message.kind === "assignments") moments.push(second);
      }
      leader.receive("w1", { kind: "heartbeat", session, engineSilentFor: us(0) });
    }
  };
  leader.commit(create(task("b", { node: "w1", state: "ASSIGNED" })));
  wait(1, 40);
  expect(moments).toEqual([2, 6, 14, 30]);
  leader.receive("w1", { kind: "assignments-received", session, sequence: 6 });
  moments.length = 0;
  leader.commit(create(task("c", { node: "w1", state: "ASSIGNED" })));
  wait(41, 60);
  expect(moments).toEqual([56]);
});
