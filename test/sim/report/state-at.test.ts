import { expect, test } from "vitest";
import { nodeOfMember } from "../../../core/model/standing.ts";
import { EventKind } from "../../../sim/kernel.ts";
import { States } from "../../../sim/report/page/state-at.ts";
import type { Watch } from "../../../sim/world/watch.ts";
import { scenarioNamed } from "../scenario-named.ts";
import { recorded } from "./recorded.ts";

// Goal: what the page says of a moment is what was true at that moment.
// Method: look at the world itself during the run, and at the same moments of the record after it.

interface Seen {
  readonly at: number;
  readonly nodes: readonly object[];
  readonly cut: ReadonlySet<string>;
}

test.each(["random-chaos", "manager-replaced", "leader-crash"])(
  "the state at a moment of %s is the one that the world had",
  async (name) => {
    const seen: Seen[] = [];
    const spy: Watch = (world) => ({
      handled: ({ time, kind }) => {
        // Only the last event of a moment settles what is true there.
        if (seen.at(-1)?.at === time) seen.pop();
        else if (kind !== EventKind.FAULT && world.kernel.handled % 37 !== 0) return;
        const nodes = world.hosts.map((host) => {
          const { state, raft, executor } = host;
          const isUp = state !== "down" && raft !== null;
          const leader = raft?.leader ?? null;
          const running = executor.existing().filter((each) => each.state === "running").length;
          const log = { last: raft?.lastIndex, commit: raft?.commit, applied: raft?.applied };
          return {
            ...{ name: host.name, state, role: isUp ? raft.role : null },
            ...{ term: isUp ? raft.term : null, running, log: isUp ? log : null },
            leader: isUp && leader !== null ? nodeOfMember(leader) : null,
          };
        });
        const numbers = world.hosts.map(({ number }) => number);
        const links = numbers.flatMap((from) => numbers.map((to) => [from, to] as const));
        const cut = links.filter(([from, to]) => world.network.isCut(from, to)).map(String);
        seen.push({ at: time, nodes, cut: new Set(cut) });
      },
    });
    const { record } = recorded(await scenarioNamed(name), "3", {}, [spy]);
    const states = new States(record);
    const moments = new Set(record.messages.arrivedAt);
    const checked = seen.filter(({ at }) => moments.has(at) && at < record.end);
    expect(checked.length).toBeGreaterThan(20);
    for (const { at, nodes, cut } of checked) {
      const told = states.at(at).map(({ name: node, state, raft, log, running }) => ({
        ...{ name: node, state, role: raft?.role ?? null, term: raft?.term ?? null },
        ...{ running: running.length, log, leader: raft?.leader ?? null },
      }));
      expect(told, `at ${at}`).toEqual(nodes);
      const partitions = states.partitionsAt(at);
      expect(partitions.length > 0, `cut at ${at}`).toBe(cut.size > 0);
      for (const { groups, links } of partitions) {
        expect(groups.length > 1).toBe(links.length === 0);
        expect(links.filter((link) => !cut.has(String(link)))).toEqual([]);
      }
    }
  },
);
