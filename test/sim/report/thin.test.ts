import { expect, test } from "vitest";
import type { RecordedMessages, RunRecord } from "../../../sim/record/run-record.ts";
import { visibleMessages } from "../../../sim/report/page/visible-messages.ts";
import { reportLimits, thinned } from "../../../sim/report/thin.ts";

const labels = [
  { channel: "raft", kind: "heartbeat", text: "heartbeat, term 1" },
  { channel: "raft", kind: "vote", text: "vote, term 1" },
  { channel: "agent", kind: "task-status", text: "task-status of 1 tasks" },
];

/** Every tenth message is a vote; the others are heartbeats. */
function messages(count: number): RecordedMessages {
  const rows = Array.from({ length: count }, (_, row) => row);
  return {
    sentAt: rows.map((row) => row * 10),
    arrivedAt: rows.map((row) => row * 10 + 500),
    from: rows.map(() => 0),
    to: rows.map(() => 1),
    label: rows.map((row) => (row % 10 === 0 ? 1 : 0)),
    labels,
  };
}

function recordOf(count: number): RunRecord {
  const nothing = { roles: [], outages: [], partitions: [], tasks: [], services: [], story: [] };
  const samples = { at: [], node: [], commit: [], applied: [], last: [] };
  return { nodes: [], ...nothing, samples, messages: messages(count), end: count * 10 };
}

test("thinned() leaves a record within the limits as it is", () => {
  const record = recordOf(1_000);
  expect(thinned(record).record.messages).toEqual(record.messages);
});

test("thinned() leaves heartbeats out first, evenly, and says how many there were", () => {
  const count = 3 * reportLimits.messages;
  const { record, totals } = thinned(recordOf(count));
  expect(totals.messages).toBe(count);
  const { sentAt, label } = record.messages;
  expect(sentAt).toHaveLength(reportLimits.messages);
  expect(label.filter((each) => each === 1)).toHaveLength(count / 10);
  expect([...sentAt].sort((left, right) => left - right)).toEqual(sentAt);
  const gaps = sentAt.slice(1).map((at, row) => at - (sentAt[row] as number));
  expect(Math.max(...gaps)).toBeLessThanOrEqual(60);
});

test("visibleMessages() draws all where there is room, else the telling ones", () => {
  const many = messages(5_000);
  const all = () => true;
  const close = visibleMessages(many, { from: 10_000, to: 11_000 }, all);
  expect(close.rows).toHaveLength(close.total);
  const far = visibleMessages(many, { from: 0, to: 50_000 }, all);
  expect(far.total).toBe(5_000);
  expect(far.rows.length).toBeLessThan(500);
  expect(far.rows.every((row) => many.label[row] === 1)).toBe(true);
  expect(visibleMessages(many, { from: 0, to: 50_000 }, (it) => it === "agent").total).toBe(0);
});
