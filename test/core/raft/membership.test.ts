import fc from "fast-check";
import { expect, test } from "vitest";
import { changed, simpleMembership } from "../../../core/raft/membership.ts";
import type { ConfigChange, ConfigStep, Membership } from "../../../core/raft/message.ts";

// Goal: what a change makes of a membership (etcd/raft confchange/testdata, thesis chapter 4). For
// whole chains of changes see `membership-chains.test.ts`.

const simple = (...voters: string[]) => simpleMembership(voters);
const leave: ConfigChange = { transition: "auto", steps: [] };
const step = (kind: ConfigStep["kind"], member: string): ConfigStep => ({ kind, member });

const change = (transition: ConfigChange["transition"], ...steps: ConfigStep[]): ConfigChange => {
  return { transition, steps };
};

test("one step under auto takes effect directly", () => {
  const to = changed(simple("a", "b"), change("auto", step("add-voter", "c")));
  expect(to).toEqual(simple("a", "b", "c"));
});

test("several steps under auto pass through a joint configuration that is left by itself", () => {
  const joint = changed(
    simple("a", "b", "c"),
    change("auto", step("remove", "a"), step("add-voter", "d")),
  );
  expect(joint).toMatchObject({ voters: ["b", "c", "d"], outgoing: ["a", "b", "c"] });
  expect(joint?.autoLeave).toBe(true);
  expect(changed(joint as Membership, leave)).toEqual(simple("b", "c", "d"));
});

test("an explicit joint configuration waits to be left, and takes no other change", () => {
  const joint = changed(simple("a"), change("joint-explicit", step("add-voter", "b")));
  expect(joint?.autoLeave).toBe(false);
  expect(changed(joint as Membership, change("auto", step("add-voter", "c")))).toBeNull();
  expect(changed(simple("a"), leave)).toBeNull();
});

test("a voter that is to be a learner votes in the old half until the joint one is left", () => {
  const joint = changed(
    simple("a", "b"),
    change("joint-implicit", step("add-learner", "b")),
  ) as Membership;
  expect(joint).toMatchObject({ voters: ["a"], outgoing: ["a", "b"], learnersNext: ["b"] });
  expect(joint.learners).toEqual([]);
  expect(changed(joint, leave)).toMatchObject({ voters: ["a"], learners: ["b"] });
});

test("the last voter cannot be removed", () => {
  expect(changed(simple("a"), change("auto", step("remove", "a")))).toBeNull();
});

test("a membership that is not known stays unknown", () => {
  expect(changed(simple(), change("auto", step("add-voter", "a")))).toBeNull();
});

test("repeating a step changes nothing", () => {
  const once = changed(simple("a"), change("auto", step("add-learner", "b"))) as Membership;
  expect(changed(once, change("auto", step("add-learner", "b")))).toEqual(once);
});

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom("add-voter" as const, "add-learner" as const, "remove" as const),
    member: fc.constantFrom("a", "b", "c", "d", "e"),
  }),
  { minLength: 1, maxLength: 6 },
);

test("nobody is voter and learner at once, and every list is sorted", () => {
  fc.assert(
    fc.property(steps, fc.constantFrom("auto" as const, "joint-explicit" as const), (all, how) => {
      const to = changed(simple("a", "b", "z"), change(how, ...all)) as Membership;
      expect(to.voters.filter((member) => to.learners.includes(member))).toEqual([]);
      for (const list of [to.voters, to.outgoing, to.learners, to.learnersNext]) {
        expect([...list].sort()).toEqual(list);
        expect(new Set(list).size).toBe(list.length);
      }
    }),
  );
});
