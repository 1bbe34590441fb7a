import { expect, test } from "vitest";
import { simulate } from "../../../sim/simulate.ts";
import { tlaTrace } from "../../../sim/trace/tla.ts";
import { scenarioNamed } from "../scenario-named.ts";

// Goal: Raft's events are told in the shape and the order of etcd's trace validation.

interface Line {
  readonly ts: number;
  readonly tag: string;
  readonly event: {
    readonly name: string;
    readonly nid: string;
    readonly state: { readonly term: number; readonly vote: string; readonly commit: number };
    readonly role: string;
    readonly log: number;
    readonly conf: readonly [readonly string[], readonly string[]];
    readonly msg?: { readonly from: string; readonly to: string; readonly type: string };
    readonly prop?: object;
  };
}

async function linesOf(name: string, seed: string): Promise<string[]> {
  const lines: string[] = [];
  simulate(await scenarioNamed(name), seed, {
    observer: { watch: tlaTrace((line) => lines.push(line)) },
  });
  return lines;
}

const eventsOf = (lines: readonly string[]) =>
  lines.map((line) => (JSON.parse(line) as Line).event);

test("each event has the fields of etcd's TracingEvent", async () => {
  const lines = await linesOf("manager-replaced", "1");
  for (const line of lines) {
    const { tag, event } = JSON.parse(line) as Line;
    const { msg, prop, ...rest } = event;
    expect(tag).toBe("trace");
    expect(Object.keys(rest)).toEqual(["name", "nid", "state", "role", "log", "conf"]);
    expect(Object.keys(event.state)).toEqual(["term", "vote", "commit"]);
    if (msg === undefined) continue;
    expect(Object.keys(msg).join()).toBe(
      "type,term,from,to,entries,logTerm,index,commit,vote,reject,rejectHint",
    );
    expect([msg.from, msg.to]).toContain(event.nid);
  }
  const names = new Set(eventsOf(lines).map(({ name }) => name));
  for (const name of ["ChangeConf", "ApplyConfChange", "BecomeLeader", "Replicate", "Commit"]) {
    expect(names).toContain(name);
  }
});

// They sort by the text after the second colon.
test("a trace stays as it is when etcd's scripts sort it", async () => {
  const lines = await linesOf("leader-crash", "1");
  const key = (line: string) => line.split(":").slice(2).join(":");
  const sorted = [...lines].sort((left, right) => (key(left) < key(right) ? -1 : 1));
  expect(sorted).toEqual(lines);
});

test("nothing is received that was not sent before", async () => {
  const sent = new Map<string, number>();
  for (const { name, msg } of eventsOf(await linesOf("leader-crash", "1"))) {
    const key = JSON.stringify(msg);
    if (name.startsWith("Send")) sent.set(key, (sent.get(key) ?? 0) + 1);
    if (!name.startsWith("Receive")) continue;
    expect(sent.get(key), `${name} ${key}`).toBeGreaterThan(0);
    sent.set(key, (sent.get(key) as number) - 1);
  }
});

test("who leads has stood for election in that term, and nobody else leads it", async () => {
  const leaders = new Map<number, string>();
  const stood = new Set<string>();
  for (const { name, nid, role, state } of eventsOf(await linesOf("leader-crash", "1"))) {
    if (name === "BecomeCandidate") stood.add(`${nid} ${state.term}`);
    if (name !== "BecomeLeader") continue;
    expect(role).toBe("StateLeader");
    expect(stood).toContain(`${nid} ${state.term}`);
    expect(leaders.get(state.term) ?? nid).toBe(nid);
    leaders.set(state.term, nid);
  }
  expect(leaders.size).toBeGreaterThan(1);
});
