import { expect, test } from "vitest";
import { canRemove } from "../../../core/raft/reach.ts";
import { raftView } from "../../support/raft.ts";

test("canRemove() of nobody while two sets of voters must agree", () => {
  const raft = raftView();
  const membership = { ...raft.membership, outgoing: ["m1", "m2"] };
  expect(canRemove(raft, "m3")).toBe(true);
  expect(canRemove({ ...raft, membership }, "m3")).toBe(false);
});
