import { expect, test } from "vitest";
import { us } from "../../../core/base/time.ts";
import { node, secret, task } from "../../support/model.ts";
import { create } from "../../support/store.ts";
import { Leader } from "./leader.ts";

const assigned = { node: "w1", state: "ASSIGNED" } as const;

/** A session in which only the test acknowledges, and the seconds at which sets are sent in it. */
function silent(leader: Leader) {
  const session = leader.open("w1");
  const momentsOfSets = (from: number, to: number): number[] => {
    const moments: number[] = [];
    for (let at = from; at <= to; at += 1) {
      if (leader.at(at).sent.some(({ message }) => message.kind === "assignments"))
        moments.push(at);
      leader.receive("w1", { kind: "heartbeat", session, engineSilentFor: us(0) });
    }
    return moments;
  };
  return { session, momentsOfSets };
}

test("a large set is sent again ever less often, until it has come", () => {
  const large = secret("large", "x".repeat(1 << 20));
  const leader = new Leader([node("w1"), large, task("a", { node: "w1", secrets: ["large"] })]);
  const { session, momentsOfSets } = silent(leader);
  leader.commit(create(task("b", assigned)));
  expect(momentsOfSets(1, 40)).toEqual([2, 4, 8, 16, 32]);
  leader.receive("w1", { kind: "assignments-received", session, sequence: 7 });
  leader.commit(create(task("c", { ...assigned, secrets: ["large"] })));
  expect(momentsOfSets(41, 60)).toEqual([56]);
});

test("a small set that is lost is sent again after two seconds, however often", () => {
  const leader = new Leader([node("w1"), task("a", { node: "w1" })]);
  const { momentsOfSets } = silent(leader);
  leader.commit(create(task("b", assigned)));
  expect(momentsOfSets(1, 10)).toEqual([2, 4, 6, 8, 10]);
});
