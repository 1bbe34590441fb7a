import { describe, expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import { FeatureLevel } from "../../../core/membership/feature-level.ts";
import type { Node } from "../../../core/model/node.ts";
import { eventOf } from "../../../core/store/event.ts";
import { cluster, node } from "../../support/model.ts";
import { raftView } from "../../support/raft.ts";
import { storeOf } from "../../support/store.ts";

// Goal: what is new begins once everybody can read it, and never before.

function managers(level: number): Node[] {
  return ["m1", "m2", "m3"].map((id) => node(id, { role: "manager", level }));
}

/** The level to which the cluster is raised, from 1; null: it is not. */
function raisedTo(...nodes: Node[]): number | null {
  const store = storeOf(cluster({ level: 1 }), ...nodes);
  const [transaction] = new FeatureLevel(store, raftView(), noBug).plan();
  const [change] = transaction?.changes ?? [];
  return change?.kind === "update" && change.object.kind === "cluster" ? change.object.level : null;
}

describe("FeatureLevel", () => {
  test("raises the level to the lowest that any node speaks", () => {
    expect(raisedTo(...managers(3), node("w1", { level: 2 }))).toBe(2);
    expect(raisedTo(...managers(2), node("w1", { level: 3 }))).toBe(2);
  });

  test("waits for the last node, one that is down too", () => {
    expect(raisedTo(...managers(2), node("w1", { level: 1, state: "down" }))).toBeNull();
    expect(raisedTo(...managers(1), node("w1", { level: 2 }))).toBeNull();
  });

  test("waits for a manager that has not said yet what it speaks", () => {
    expect(raisedTo(...managers(2).slice(0, 2))).toBeNull();
    expect(raisedTo(...managers(2))).toBe(2);
  });

  test("never lowers it", () => {
    const store = storeOf(cluster({ level: 3 }), ...managers(2));
    expect(new FeatureLevel(store, raftView(), noBug).plan()).toEqual([]);
  });

  test("looks again when a node says that it speaks another, comes or goes, and only then", () => {
    const level = new FeatureLevel(storeOf(cluster(), ...managers(2)), raftView(), noBug);
    const old = node("w1", { level: 1 });
    const note = (previous: Node | null, current: Node | null): boolean => {
      level.plan();
      level.note([eventOf("dispatcher", previous, current)]);
      return level.hasWork;
    };
    expect(note(old, node("w1", { level: 1, state: "down" }))).toBe(false);
    expect(note(old, node("w1", { level: 2 }))).toBe(true);
    expect(note(null, old)).toBe(true);
    expect(note(old, null)).toBe(true);
  });
});
