import { Random } from "../../core/base/random.ts";
import type { Task } from "../../core/model/task.ts";
import type { Durable } from "../../core/node/durable.ts";
import type { NodeInput } from "../../core/node/input.ts";
import type { NodeMessage } from "../../core/node/message.ts";
import type { Ports } from "../../core/ports/ports.ts";
import type { HostShell } from "../world/host.ts";
import type { Machine, MachineInput, MachineOutput } from "./machine.ts";

/** A machine could not take an input, or what it answered makes no sense: `cause` says why. */
export class MachineThrew extends Error {
  constructor(cause: unknown) {
    super(String(cause), { cause });
  }
}

type Content = { readonly kind: string };
type Input = MachineInput<Content, unknown>;

/**
 * Joins a machine to the ports of a simulated host. What it says travels in the place of a node's
 * messages, and what it keeps lies where a node keeps its tasks: network and disk look into
 * neither, so they are the ones that the cluster has.
 */
export class MachineShell implements HostShell {
  readonly node = null;
  readonly machine: Machine<Content, unknown>;
  readonly #ports: Ports;
  readonly #nodes: ReadonlySet<string>;
  #keeps = 0;

  /** `nodes`: to whom it may send. */
  constructor(machine: Machine<Content, unknown>, ports: Ports, nodes: ReadonlySet<string>) {
    this.machine = machine;
    this.#ports = ports;
    this.#nodes = nodes;
  }

  boot({ tasks }: Durable): void {
    const kept: unknown = tasks.get(keptUnder) ?? null;
    this.#step({ kind: "start", kept, random: new Random(this.#ports.entropy.seed()) });
  }

  receive(input: NodeInput): void {
    if (input.kind === "written") this.#step({ kind: "kept", count: input.number });
    if (input.kind !== "message") return;
    const { message } = input.message as unknown as { readonly message: Content };
    this.#step({ kind: "message", from: input.from, message });
  }

  #step(what: DistributedOmit<Input, "now" | "calendar">): void {
    const { clock } = this.#ports;
    const moment = { now: clock.now(), calendar: clock.calendar() };
    for (const output of this.#outputs({ ...what, ...moment })) this.#carry(output);
  }

  #outputs(input: Input): readonly MachineOutput<Content, unknown>[] {
    try {
      return this.machine.step(input);
    } catch (error) {
      throw new MachineThrew(error);
    }
  }

  #carry(output: MachineOutput<Content, unknown>): void {
    const { clock, network, storage } = this.#ports;
    switch (output.kind) {
      case "send":
        if (!this.#nodes.has(output.to)) {
          throw new MachineThrew(new TypeError(`it sends to "${output.to}", which is no node`));
        }
        return network.send(output.to, wordsOf(output.message));
      case "keep": {
        this.#keeps += 1;
        const tasks = new Map([[keptUnder, output.value as Task]]);
        const nothingElse = { wipesRaft: false, raft: [], standing: null };
        return storage.write({ number: this.#keeps, ...nothingElse, tasks });
      }
      case "wake":
        return clock.wakeAfter(output.after, () => this.#step({ kind: "timer" }));
      default: {
        const { kind } = output as { readonly kind: unknown };
        const text = `it wants "${kind}" done; it may send, keep and wake`;
        throw new MachineThrew(new TypeError(text));
      }
    }
  }
}

const keptUnder = "kept";

type DistributedOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function wordsOf(message: Content): NodeMessage {
  return { kind: "machine", message, incarnation: 0 } as unknown as NodeMessage;
}
