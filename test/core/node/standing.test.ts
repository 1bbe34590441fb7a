import { expect, test } from "vitest";
import { type Instant, seconds, type Timestamp } from "../../../core/base/time.ts";
import { memberIdFor, nodeOfMember, type Standing } from "../../../core/model/standing.ts";
import type { NodeConfig } from "../../../core/node/config.ts";
import { nothingDurable } from "../../../core/node/durable.ts";
import {
  beginForce,
  ForceNewCluster,
  forcedLog,
  nextIncarnation,
} from "../../../core/node/force-new-cluster.ts";
import { snapshotPayload, storeSnapshot } from "../../../core/node/payload.ts";
import { obeyed, superseded } from "../../../core/node/standing.ts";
import { simpleMembership } from "../../../core/raft/membership.ts";
import { moment, node } from "../../support/model.ts";

// Goal: a node's place follows the newest word of the newest incarnation, and nobody goes on alone
// who is not.

const at = (second: number) => seconds(second) as number as Instant;
const founders = ["m1", "m2", "m3"];
const base: Standing = { incarnation: 0, version: 5, memberId: "m1", managers: founders, founders };

test("a node has another name in Raft each time it becomes a manager", () => {
  expect(nodeOfMember("m1")).toBe("m1");
  expect(nodeOfMember(memberIdFor("w1", 7))).toBe("w1");
  expect(memberIdFor("w1", 7)).not.toBe(memberIdFor("w1", 8));
});

test("an order is obeyed unless it is older than the last, or says the same", () => {
  expect(obeyed(base, { ...base, version: 4, memberId: null })).toBeNull();
  expect(obeyed(base, { ...base })).toBeNull();
  const demoted = { ...base, version: 6, memberId: null };
  expect(obeyed(base, demoted)).toBe(demoted);
  expect(obeyed({ ...base, incarnation: 1, version: 0 }, demoted)).toBeNull();
});

test("whoever hears of a newer incarnation is a worker until it is promoted again", () => {
  const after = superseded(base, 9, ["m3"]);
  expect(after).toMatchObject({ incarnation: 9, memberId: null, managers: ["m3"] });
  expect(obeyed(after, { ...base, version: 999 })).toBeNull();
});

test("incarnations rise, and two that are made of the same one differ by chance", () => {
  const first = nextIncarnation(0, () => 3);
  expect(nextIncarnation(0, () => 4)).not.toBe(first);
  expect(nextIncarnation(first, () => 0)).toBeGreaterThan(first);
});

test("a cluster that is made of a backup is newer than all that it came to since", () => {
  const at = (second: number) => (1_767_225_600_000_000 + seconds(second)) as number as Timestamp;
  const first = nextIncarnation(0, () => 0xf_ffff, at(0));
  const forced = nextIncarnation(first, () => 0xf_ffff);
  expect(forced).toBeGreaterThan(first);
  expect(nextIncarnation(0, () => 0, at(60))).toBeGreaterThan(forced);
  expect(nextIncarnation(forced, () => 0, at(0))).toBeGreaterThan(forced);
  expect(Number.isSafeInteger(forced)).toBe(true);
});

test("a manager goes on alone only after it has waited in vain for a quorum", () => {
  const start = new ForceNewCluster([["m1", "m2", "m3"], []], "m1", at(0));
  expect(start.ask(at(0))).toEqual(["m2", "m3"]);
  expect(start.ask(at(0))).toEqual([]);
  expect(start.areLost(at(4))).toBeNull();
  expect(start.areLost(at(5))).toBe(true);
  start.heard("m9");
  expect(start.areLost(at(5))).toBe(true);
  start.heard("m2");
  expect(start.areLost(at(5))).toBe(false);
  expect(start.refusal).toMatch(/^this manager does not form a new cluster: with m2/);
});

test("in the middle of a change of the managers a quorum takes a majority of both halves", () => {
  const halves = [
    ["m1", "m2", "m3"],
    ["m1", "m4", "m5"],
  ];
  const heard = (...nodes: string[]) => {
    const start = new ForceNewCluster(halves, "m1", at(0));
    expect(start.ask(at(0))).toEqual(["m2", "m3", "m4", "m5"]);
    for (const node of nodes) start.heard(node);
    return start.areLost(at(5));
  };
  expect(heard("m2", "m3")).toBe(true);
  expect(heard("m4")).toBe(true);
  expect(heard("m2", "m5")).toBe(false);
});

test("a learner that is left asks the voters, and goes on as the only voter", () => {
  const objects = [node("m1", { role: "manager" }), node("m2", { role: "manager" })];
  const store = { index: 5, time: moment(1), objects, sessions: [], failures: [] };
  const membership = { ...simpleMembership(["m1"]), learners: ["m2"] };
  const snapshot = { index: 5, term: 2, membership, payload: snapshotPayload(store) };
  const durable = { ...nothingDurable, hardState: { term: 2, vote: null }, snapshot };
  const standing = { ...base, memberId: "m2", incarnation: 9 };
  const start = beginForce({ id: "m2" } as NodeConfig, standing, durable, at(0));
  expect([start.ask(at(0)), start.areLost(at(5))]).toEqual([["m1"], true]);
  start.heard("m1");
  expect(start.areLost(at(5))).toBe(false);
  const forced = forcedLog(durable, standing, "m2")?.snapshot;
  expect(forced?.membership).toEqual(simpleMembership(["m2"]));
  expect(storeSnapshot(forced?.payload ?? { size: 0 }).objects).toMatchObject([
    { id: "m1", role: "worker" },
    { id: "m2", role: "manager", raftId: "m2" },
  ]);
});
