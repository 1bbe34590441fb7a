import { expect, test } from "vitest";
import type { Instant } from "../../../core/base/time.ts";
import { CalendarDoubt } from "../../../core/manager/calendar-doubt.ts";
import { noCertificate } from "../../../core/model/node.ts";
import { cluster, moment, node } from "../../support/model.ts";
import { raftView } from "../../support/raft.ts";
import { storeOf } from "../../support/store.ts";

// Goal: a leader doubts its calendar when most voters are out by it and don't think so themselves.

const at = (second: number) => (second * 1e6) as Instant;
const [past, present] = [moment(2_000), moment(500)];

function doubt(expired: ReadonlySet<string> = new Set()): CalendarDoubt {
  const proven = { serial: 1, issuer: "root", notAfter: moment(1_000) };
  const certificate = { ...noCertificate, proven };
  const nodes = ["m1", "m2", "m3"].map((id) => ({ ...node(id), certificate }));
  const raft = raftView({ voters: ["m1", "m2", "m3"] });
  return new CalendarDoubt(storeOf(cluster(), ...nodes), raft, { expired });
}

test("a calendar is doubted once most voters have been out for half a node's grace", () => {
  const doubted = doubt();
  expect(doubted.isGrave(at(0), past)).toBe(false);
  expect(doubted.isGrave(at(7), past)).toBe(false);
  expect(doubted.isGrave(at(8), past)).toBe(true);
  expect(doubted.isGrave(at(9), present)).toBe(false);
});

test("a calendar is not doubted when those who are out ask for new certificates", () => {
  const [shared, alone] = [doubt(new Set(["m1", "m2"])), doubt(new Set(["m1"]))];
  for (const each of [shared, alone]) each.isGrave(at(0), past);
  expect(shared.isGrave(at(60), past)).toBe(false);
  expect(alone.isGrave(at(60), past)).toBe(true);
});
