import { describe, expect, test } from "vitest";
import type { ClusterFrame } from "../../core/observe/frame.ts";
import partition from "../../scenarios/partition.ts";
import type { ViewName } from "../../tui/view.ts";
import { leaderOf } from "../../tui/views/raft-view.ts";
import { views } from "../../tui/views.ts";
import { secondsText } from "../../tui/words.ts";
import { momentOf, paused, recordedRun } from "./support/recorded-source.ts";
import { large, linesOf, small } from "./support/screen-text.tsx";

// Goal: each view says what there is to know of a moment, on a small and on a large terminal.
// Method: a real run that was recorded, in which the leader is cut off with a minority; the lines
// that Ink draws are looked at as a person would.

const second = 1_000_000;
const { recording, momentAt } = recordedRun(partition);
const calm = momentAt(30 * second);
const split = momentAt(90 * second, {
  availability: { web: { lowest: 4, below: 45 * second, watched: 60 * second } },
});

/** Who leads before the partition, and who after it. */
const old = leaderOf(calm.frame.nodes)?.id ?? "";
const now = leaderOf(split.frame.nodes)?.id ?? "";
const gone = split.frame.cuts.filter(({ from }) => from === now).map(({ to }) => to);
const kept = split.frame.nodes.map(({ id }) => id).filter((id) => !gone.includes(id));

function lineWith(lines: readonly string[], ...words: string[]): string {
  return lines.find((line) => words.every((word) => line.includes(word))) ?? "";
}

test("the leader is named by the manager that was asked, where it can't be asked itself", () => {
  const { frame } = calm;
  const [follower] = frame.nodes.filter(({ raft }) => raft?.status.role === "follower");
  const nodes = frame.nodes.map((node) => (node === follower ? node : { ...node, raft: null }));
  expect(linesOf({ ...calm, frame: { ...frame, nodes } })[0]).toContain(`${old} term 1`);
  const dead = nodes.map((node) =>
    node.id === old ? { ...node, machine: "down" as const } : node,
  );
  expect(linesOf({ ...calm, frame: { ...frame, nodes: dead } })[0]).toContain("no leader");
});

test.each(views.map(({ name }) => name))("the %s view fills either size and no more", (view) => {
  for (const size of [small, large]) {
    const lines = linesOf(split, { size, ui: { view } });
    expect(lines).toHaveLength(size.rows);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(size.columns);
    expect(lines[0]).toContain("partition, seed 1");
    expect(lines.at(-2)).toContain("90.000 s");
  }
});

test.each(views.map(({ name }) => name))("the %s view fits into any terminal", (view) => {
  for (const columns of [1, 5, 12, 20, 33, 40, 61, 109, 300]) {
    for (const rows of [1, 2, 4, 7, 12, 90]) {
      for (const ui of [{ view }, { view, side: "open", isInSide: true }] as const) {
        const lines = linesOf(split, { size: { columns, rows }, ui });
        expect(lines).toHaveLength(rows);
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
      }
    }
  }
});

describe("the cluster view", () => {
  test("shows each machine with its part, its state, its load and its tasks", () => {
    const lines = linesOf(calm);
    expect(lineWith(lines, `─ ★ ${old}`)).toContain("leader t1");
    expect(lineWith(lines, `◇ ${now}`)).toContain("follower t1");
    expect(lineWith(lines, "· w1")).toContain("worker");
    expect(lines.filter((line) => line.includes("● ready         active"))).not.toEqual([]);
    expect(lineWith(lines, "cpu")).toMatch(/cpu █░+ +0\.5\/4 /);
    expect(lineWith(lines, "mem")).toMatch(/mem █░+ +256M\/8G /);
    expect(lineWith(lines, "■ ")).toContain("1 task");
    expect(lineWith(lines, "network")).toContain("whole");
  });

  test("shows names in full where there is room for them, before the part in words", () => {
    const nodes = calm.frame.nodes.map((node, at) => ({
      ...node,
      record: node.record && { ...node.record, hostname: `manager-number-${at}` },
    }));
    const lines = linesOf(momentOf({ ...calm.frame, nodes }));
    expect(lineWith(lines, "◇ manager-number-0 ")).toContain("manager-number-2 ");
    const short = nodes.map((node, at) => ({
      ...node,
      record: node.record && { ...node.record, hostname: `manager-${at}` },
    }));
    const shorter = linesOf(momentOf({ ...calm.frame, nodes: short }));
    expect(shorter.join("\n")).toMatch(/─ ★ manager-\d ─+ t1 ─/);
  });

  test("shows who can't reach whom, and what the cluster thinks of those", () => {
    const lines = linesOf(split);
    expect(lineWith(lines, "network")).toContain(`${kept.join(" ")}  ╳  ${gone.join(" ")}`);
    expect(lines.join("\n").match(/● called down/g)).toHaveLength(gone.length);
    expect(lineWith(lines, "╳10")).not.toBe("");
  });

  test("tells a link that loses one way from one that loses both", () => {
    const { nodes } = calm.frame;
    const oneWay = { ...calm.frame, nodes, cuts: [{ from: "m1", to: "m2" }] };
    expect(lineWith(linesOf(momentOf(oneWay)), "m1 ⇥ m2")).toContain("is not heard there");
    const both = { ...oneWay, cuts: [...oneWay.cuts, { from: "m2", to: "m1" }] };
    expect(lineWith(linesOf(momentOf(both)), "m1 ╳ m2")).toContain("is cut");
  });

  test("says how a machine is that is off, paused, unknown or does not start", () => {
    const states = ["down", "paused", "unknown", "refused"] as const;
    const nodes = calm.frame.nodes.map((node, at) => ({
      ...node,
      machine: states[at] ?? node.machine,
      refusal: states[at] === "refused" ? "the log is damaged" : null,
    }));
    const lines = linesOf(momentOf({ ...calm.frame, nodes }), { size: large });
    const text = lines.join("\n");
    for (const word of ["✖ off", "‖ paused", "? unknown", "⊘ refused"])
      expect(text).toContain(word);
  });

  test("draws smaller cards where there are many, and says which of them are to be seen", () => {
    const lines = linesOf(momentOf(many(50)));
    expect(lines[lines.length - 3]).toContain("1 to 12 of 50");
    const all = linesOf(momentOf(many(50)), { size: large, ui: { side: "shut" } }).join("\n");
    for (const name of ["n1 ", "n50 "]) expect(all).toContain(name);
  });

  test("has the details of the chosen machine at the side of a large terminal", () => {
    const choices = { cluster: { id: old, at: 0 } };
    const text = linesOf(split, { size: large, ui: { choices } }).join("\n");
    expect(text).toMatch(/availability +active/);
    expect(text).toMatch(/role +manager/);
    expect(text).toContain(`╳ ${now} cut`);
    const task = split.frame.tasks.find(({ node }) => node === old);
    expect(text).toMatch(new RegExp(`${task?.name} +● ${task?.state}`));
  });
});

test("the services view shows what runs of what is wanted, and how well it has done", () => {
  const row = lineWith(linesOf(calm, { ui: { view: "services" } }), "▌web");
  expect(row).toContain("6/6 ████████████ none");
  const text = linesOf(split, { size: large, ui: { view: "services" } }).join("\n");
  expect(text).toMatch(/fewest +4/);
  expect(text).toMatch(/too few for +45\.0 s/);
  expect(text).toMatch(/available +25\.0 %/);
});

test("the services view shows how an update gets on", () => {
  const services = calm.frame.services.map((service) => ({
    ...service,
    upToDate: 3,
    update: { state: "updating", message: "update in progress" },
  }));
  const lines = linesOf(momentOf({ ...calm.frame, services }), {
    size: large,
    ui: { view: "services" },
  });
  expect(lineWith(lines, "▌web")).toMatch(/updating +██████░░░░░░/);
  expect(lines.join("\n")).toContain("3 of 6 run it");
});

test("a job shows what has completed in place of what runs", () => {
  const services = calm.frame.services.map((service) => ({
    ...service,
    mode: "replicated-job" as const,
    completed: 2,
  }));
  const lines = linesOf(momentOf({ ...calm.frame, services }), { ui: { view: "services" } });
  expect(lineWith(lines, "▌web")).toContain("2/6");
});

test("the tasks view shows the states that each attempt of a slot has been in", () => {
  const { tasks } = split.frame;
  const moved = tasks.find((task, n) => n > 0 && tasks[n - 1]?.slot === task.slot);
  const attempts = tasks.filter(({ slot }) => slot === moved?.slot);
  const choices = { tasks: { id: moved?.id ?? "", at: 0 } };
  const text = linesOf(split, { size: large, ui: { view: "tasks", choices } }).join("\n");
  expect(attempts.length).toBeGreaterThan(1);
  expect(text).toContain(`The slot: ${attempts.length} attempts`);
  for (const { id, node, history } of attempts) {
    expect(text).toContain(`${id.slice(0, 8)} on ${node}`);
    expect(history.length).toBeGreaterThan(3);
    for (const { state, at } of history) expect(text).toContain(`${secondsText(at)}  ${state}`);
  }
});

test("the raft view shows logs, what the leader knows, and elections in time", () => {
  const lines = linesOf(split, { ui: { view: "raft" } });
  for (const { id, raft } of split.frame.nodes) {
    if (raft === null) continue;
    const { role, term, lastIndex, commit, applied } = raft.status;
    const row = lineWith(lines, ` ${id} `, role);
    expect(row).toMatch(new RegExp(`${term} +${lastIndex} +${commit} +${applied}`));
  }
  expect(lineWith(lines, ` ${old} `)).toMatch(/ 0 silent/);
  expect(lineWith(lines, "replicate")).toContain("follower");
  expect(lineWith(lines, "Elections")).toMatch(/━+★━+★━+★?━*● 90\.0 s/);
  const elected = split.events.filter(({ text }) => text.startsWith(`${now} leads`)).at(-1);
  expect(lineWith(lines, secondsText(elected?.at ?? 0))).toContain(`${now} leads term 2`);
});

test("a manager that was promoted is called by its own name, and not by the one in Raft", () => {
  const { frame } = calm;
  const nodes = frame.nodes.map((node) => {
    if (node.raft === null) return node;
    const status = { ...node.raft.status, leader: `${old}/57` };
    return { ...node, raft: { ...node.raft, status } };
  });
  for (const view of ["raft", "cluster"] as const) {
    const lines = linesOf(momentOf({ ...frame, nodes }), { ui: { view, side: "open" } });
    expect(lines.some((line) => /leader +m\d+ *$/.test(line))).toBe(true);
    expect(lines.join()).not.toContain("/57");
  }
});

test("the raft view shows messages on their way", () => {
  const event = Array.from({ length: recording.events }, (_, n) => n).find(
    (n) => recording.after(n).messages.length > 2,
  );
  const frame = recording.after(event ?? 0);
  const [message] = frame.messages;
  const line = lineWith(linesOf(momentOf(frame), { ui: { view: "raft" } }), "→", " in ");
  expect(line).toContain(message?.from);
  expect(line).toContain(message?.kind);
});

test("the events view tells the story and stays at its newest end", () => {
  const lines = linesOf(split, { ui: { view: "events" } });
  expect(lineWith(lines, "▌")).toContain(split.events.at(-1)?.text);
  expect(lineWith(lines, "✖ fault")).toContain(`${gone.join(" ")} can't reach`);
});

test("the invariants view counts checks, and puts what broke first", () => {
  const filters = { invariants: "election-safety" };
  const holds = linesOf(split, { ui: { view: "invariants", filters } });
  expect(lineWith(holds, "✔ election-safety")).toMatch(/✔ election-safety +\d+ holds/);
  const violation = {
    invariant: "state-machine-safety",
    at: 41 * second,
    node: "m2",
    detail: "two entries at index 7",
  };
  const lines = linesOf(
    { ...split, violations: [violation] },
    { size: large, ui: { view: "invariants" } },
  );
  expect(lines[0]).toContain("✖ 1 violation");
  expect(lines[3]).toMatch(/▌✖ state-machine-safety .* broke at 41\.000 s on m2/);
  expect(lines.join("\n")).toMatch(/what +two entries at index 7/);
});

test("each view says so when it has nothing to show", () => {
  const empty: ClusterFrame = {
    ...{ at: 0, event: 0, nodes: [], services: [], tasks: [], messages: [], cuts: [] },
    checks: {},
  };
  const words: Record<ViewName, string> = {
    cluster: "There are no machines yet.",
    services: "There are no services yet.",
    tasks: "There are no tasks yet.",
    raft: "No machine has a part in Raft yet.",
    events: "Nothing has happened yet.",
    invariants: "Nothing has been checked yet.",
  };
  for (const { name } of views) {
    expect(linesOf(momentOf(empty), { ui: { view: name } }).join("\n")).toContain(words[name]);
  }
});

test("a long title gives way to the summary", () => {
  const [first = ""] = linesOf(calm, {
    title: "/run/simswarm/of-a-long-name/manager-1/swarmd.sock",
  });
  expect(first).toMatch(/^ \/run\/simswarm\S*\.\. {2,}★ m\d term 1 +8\/8 nodes +6\/6 tasks $/);
});

test("a filter keeps what has all of its words, and says how much that is", () => {
  const { tasks } = split.frame;
  const name = tasks[0]?.name ?? "";
  const ui = { view: "tasks", filters: { tasks: `RUNNING ${name}` } } as const;
  const lines = linesOf(split, { ui });
  const found = tasks.filter((task) => task.name === name && task.state === "RUNNING");
  expect(lines[1]).toContain(`${found.length} of ${tasks.length}`);
  expect(lines.slice(2, -2).filter((line) => line.includes("web."))).toHaveLength(found.length);
  const none = linesOf(split, { ui: { ...ui, filters: { tasks: "nowhere" } } });
  expect(none.join("\n")).toContain("Nothing matches 'nowhere'.");
});

test("the line of time shows what has happened, and what is known to come", () => {
  const marks = [
    { at: 10 * second, kind: "election" },
    { at: 20 * second, kind: "fault" },
    { at: 20 * second, kind: "election" },
    { at: 60 * second, kind: "violation" },
    { at: 60 * second, kind: "fault" },
    { at: 90 * second, kind: "heal" },
  ] as const;
  const playback = { ...paused, marks, known: 100 * second };
  const line = linesOf({ ...calm, playback }).at(-2);
  expect(line).toMatch(/━★━+✖━+●─+!─+\+─+ +100\.0 s/);
});

test("what takes a while is said to, with how far it is and how it is stopped", () => {
  const underWay = { what: "on to the next fault", at: 123_456_789 };
  const lines = linesOf({ ...calm, playback: { ...paused, underWay } });
  expect(lines.at(-1)).toContain("Playing on to the next fault: 123.5 s so far. esc stops.");
});

test("which way time goes is to be seen", () => {
  const shown = (playing: "forward" | "back" | null) =>
    linesOf({ ...calm, playback: { ...paused, playing, speed: 2, known: calm.frame.at } }).at(-2);
  expect(shown("forward")).toContain("▶ playing 2x");
  expect(shown("back")).toContain("◀ playing back 2x");
  expect(shown(null)).toContain("‖ paused 2x");
});

test("a lost cluster is said to be lost, with the reason and the age of the picture", () => {
  const connection = { state: "lost", to: "m1", reason: "ECONNREFUSED" } as const;
  const lines = linesOf({ ...calm, playback: null, connection }, { kind: "cluster" });
  expect(lines[0]).toContain("LOST: ECONNREFUSED; as it was at 30.0 s; trying again");
  expect(lines.at(-2)).toContain("✖ lost m1");
  const unseen = { ...calm, frame: { ...calm.frame, nodes: [] }, playback: null, connection };
  expect(linesOf(unseen, { kind: "cluster" })[0]).toContain("LOST: ECONNREFUSED; trying again");
});

/** The calm cluster with so many nodes. */
function many(count: number): ClusterFrame {
  const [node] = calm.frame.nodes;
  if (node === undefined) throw new Error("no node");
  const nodes = Array.from({ length: count }, (_, n) => ({
    ...node,
    id: `n${n + 1}`,
    record: node.record && { ...node.record, hostname: `n${n + 1}` },
  }));
  return { ...calm.frame, nodes };
}
