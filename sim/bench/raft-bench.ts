import { noBug } from "../../core/base/planted.ts";
import { Random } from "../../core/base/random.ts";
import type { RaftInput, RaftOutput } from "../../core/raft/contract.ts";
import { raftDefaults } from "../../core/raft/defaults.ts";
import { emptyDurable } from "../../core/raft/driver.ts";
import { Raft } from "../../core/raft/raft.ts";

/**
 * Measures the Raft machine by itself: `npm run bench:raft`. Three members in this thread, storage
 * in memory, messages handed over directly, payloads of 100 bytes, the log compacted. With K
 * proposals in flight it counts what the leader commits. The figures are of this machine and this
 * moment.
 */
function main(): void {
  for (const inFlight of [1, 64, 1024]) {
    commit(inFlight, 50_000);
    const { perSecond } = commit(inFlight, 400_000);
    print(`${inFlight} in flight`, `${Math.round(perSecond)} commits a second`);
  }
  for (const entries of [10_000, 100_000, 1_000_000]) {
    const { perSecond } = commit(64, entries);
    print(`${entries} entries`, `${(1_000_000 / perSecond).toFixed(2)} us an entry`);
  }
}

const names = ["a", "b", "c"];
const compactEvery = 10_000;
const compactKeep = 500;

/** Three members and the messages between them. */
class Trio {
  readonly members = names.map((id) => memberOf(id));
  readonly #queue: { to: number; input: RaftInput }[] = [];

  step(at: number, input: RaftInput): void {
    this.#queue.push({ to: at, input });
    for (let next = 0; next < this.#queue.length; next += 1) {
      const { to, input: taken } = this.#queue[next] as { to: number; input: RaftInput };
      const member = this.members[to] as Raft;
      for (const output of member.step(taken)) this.#carryOut(to, output);
    }
    this.#queue.length = 0;
  }

  /** Hands in many at once, as a busy host does, before anyone answers. */
  propose(at: number, count: number, payload: { size: number }): void {
    for (let left = count; left > 1; left -= 1) {
      this.#queue.push({ to: at, input: { kind: "propose", payload } });
    }
    this.step(at, { kind: "propose", payload });
  }

  compact(): void {
    for (const [at, member] of this.members.entries()) {
      const index = member.applied;
      if (index - member.firstIndex < compactEvery) continue;
      const keepFrom = index + 1 - compactKeep;
      this.step(at, { kind: "compact", index, keepFrom, payload: { size: 0 } });
    }
  }

  #carryOut(at: number, output: RaftOutput): void {
    if (output.kind === "send") {
      const { message } = output;
      this.#queue.push({ to: names.indexOf(message.to), input: { kind: "message", message } });
    } else if (output.kind === "write") {
      this.#queue.push({ to: at, input: { kind: "written", id: output.write.id } });
    }
  }
}

function memberOf(id: string): Raft {
  const config = { ...raftDefaults, id, maxMessageBytes: 1024 * 1024, planted: noBug };
  return new Raft({ config, durable: emptyDurable(names), random: new Random([1, 2, 3, 4]) });
}

/** Commits this many entries, always as many in flight as asked for. */
function commit(inFlight: number, entries: number): { perSecond: number } {
  const trio = new Trio();
  trio.step(0, { kind: "campaign" });
  const leader = trio.members[0] as Raft;
  const payload = { size: 100 };
  const first = leader.commit;
  const startedAt = performance.now();
  while (leader.commit - first < entries) {
    trio.propose(0, inFlight, payload);
    trio.compact();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  return { perSecond: (leader.commit - first) / seconds };
}

function print(what: string, figure: string): void {
  console.log(`${what.padStart(20)}   ${figure}`);
}

main();
