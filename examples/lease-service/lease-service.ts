import {
  type Machine,
  type MachineInput,
  type MachineOutput,
  machines,
  ms,
  seconds,
} from "simswarm/sim";

/**
 * A small lease service: whoever holds the lease may write, and nobody else; it runs out by itself.
 *
 * The server grants it for a while, and says so only when the grant is on its disk: after a crash
 * it must not give away what somebody still holds. A client counts the time on its own clock, and
 * takes a margin, as clocks run at slightly different speeds. It must count from the moment at
 * which it *asked*: how long the answer was under way it cannot know. The planted bug is to count
 * from the moment at which the answer came.
 */
export type LeaseMessage =
  | { readonly kind: "ask"; readonly number: number }
  | { readonly kind: "grant"; readonly number: number };

/** What the server keeps on its disk: to whom it gave the lease last. */
export interface Grant {
  readonly holder: string;
}

type Input = MachineInput<LeaseMessage, Grant>;
type Output = MachineOutput<LeaseMessage, Grant>;

const term = seconds(10);
const margin = ms(100);
const askEvery = seconds(3);

export class Server implements Machine<LeaseMessage, Grant> {
  #holder: string | null = null;
  #until = 0;
  #keeps = 0;
  /** Grants that wait for the disk, by the number of their `keep`. */
  readonly #waiting = new Map<number, { readonly to: string; readonly number: number }>();

  step(input: Input): Output[] {
    switch (input.kind) {
      case "start":
        // Whoever held it when this server crashed may hold it still: wait until that is over.
        this.#holder = input.kept?.holder ?? null;
        this.#until = input.kept === null ? 0 : input.now + term;
        return [];
      case "message":
        return input.message.kind === "ask" ? this.#ask(input.from, input.message, input.now) : [];
      case "kept":
        return this.#safe(input.count);
      default:
        return [];
    }
  }

  #ask(from: string, { number }: LeaseMessage, now: number): Output[] {
    if (this.#holder !== from && now < this.#until) return [];
    this.#holder = from;
    this.#until = now + term;
    this.#keeps += 1;
    this.#waiting.set(this.#keeps, { to: from, number });
    return [{ kind: "keep", value: { holder: from } }];
  }

  #safe(count: number): Output[] {
    const answers: Output[] = [];
    for (const [keep, { to, number }] of this.#waiting) {
      if (keep > count) continue;
      this.#waiting.delete(keep);
      answers.push({ kind: "send", to, message: { kind: "grant", number } });
    }
    return answers;
  }
}

/** From when on a client counts its lease. `answer` is the planted bug. */
export type CountsFrom = "question" | "answer";

export class Client implements Machine<LeaseMessage, Grant> {
  readonly #server: string;
  readonly #countsFrom: CountsFrom;
  /** Starts at random: an answer to an earlier life of this client is not taken for one to this. */
  #number = 0;
  #askedAt = 0;
  #until = 0;

  constructor(server: string, countsFrom: CountsFrom) {
    this.#server = server;
    this.#countsFrom = countsFrom;
  }

  /** Whether this client believes at `now`, on its own clock, that it has the lease. */
  holds(now: number): boolean {
    return now < this.#until;
  }

  step(input: Input): Output[] {
    if (input.kind === "start") this.#number = input.random.u32();
    if (input.kind === "start" || input.kind === "timer") return this.#ask(input.now);
    if (input.kind !== "message" || input.message.kind !== "grant") return [];
    if (input.message.number !== this.#number) return [];
    const from = this.#countsFrom === "question" ? this.#askedAt : input.now;
    this.#until = Math.max(this.#until, from + term - margin);
    return [];
  }

  #ask(now: number): Output[] {
    this.#number += 1;
    this.#askedAt = now;
    return [
      { kind: "send", to: this.#server, message: { kind: "ask", number: this.#number } },
      { kind: "wake", after: askEvery },
    ];
  }
}

/** The service under the simulator: a server, two clients, and faults of every sort. */
export function leaseService(countsFrom: CountsFrom) {
  return machines<Server | Client>({
    name: `lease service, counted from the ${countsFrom}`,
    story: "Two clients ask a server for a lease that only one of them may hold.",
    nodes: ["server", "alice", "bob"],
    start: (node) => (node === "server" ? new Server() : new Client("server", countsFrom)),
    lasting: "120s",
    invariants: [
      {
        name: "one-holder",
        broken: (nodes) => {
          const holders = nodes.filter(
            ({ machine, now }) => machine instanceof Client && machine.holds(now),
          );
          if (holders.length <= 1) return null;
          return `${holders.map(({ name }) => name).join(" and ")} both hold the lease`;
        },
      },
    ],
    chaos: {
      from: "5s",
      until: "110s",
      crashes: { every: ["10s", "60s"], downFor: ["1s", "20s"] },
      pauses: { every: ["10s", "60s"], lasting: ["1s", "20s"] },
      partitions: { every: ["10s", "60s"], lasting: ["1s", "20s"] },
      clockDriftPpm: [1, 200],
      loss: [0, 20],
      duplicates: [0, 20],
      latencyMean: ["1ms", "2s"],
      diskLatencyMean: ["1ms", "500ms"],
    },
  });
}
