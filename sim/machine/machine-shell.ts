import { Random } from "../../core/base/random.ts";
import type { Task } from "../../core/model/task.ts";
import type { Durable } from "../../core/node/durable.ts";
import type { NodeInput } from "../../core/node/input.ts";
import type { NodeMessage } from "../../core/node/message.ts";
import type { Ports } from "../../core/ports/ports.ts";
import type { HostShell } from "../world/host.ts";
import type { Machine, MachineInput, MachineOutput } from "./machine.ts";

/** What a user has written threw, or what it answered makes no sense: `cause` says why. */
export class MachineThrew extends Error {
  constructor(cause: unknown) {
    super(String(cause), { cause });
  }
}

/** What the user's own function gives. @throws MachineThrew */
export function ofUser<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw new MachineThrew(error);
  }
}

export function makesNoSense(what: string): never {
  throw new MachineThrew(new TypeError(what));
}

type Content = { readonly kind: string };
type Input = MachineInput<Content, unknown>;

/**
 * Joins a machine to the ports of a simulated host. What it says travels in place of a node's
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
    const outputs = ofUser(() => this.machine.step(input));
    return Array.isArray(outputs)
      ? outputs
      : makesNoSense(`it answers ${outputs}, which is no list`);
  }

  #carry(output: MachineOutput<Content, unknown>): void {
    const { clock, network, storage } = this.#ports;
    switch (output.kind) {
      case "send":
        if (!this.#nodes.has(output.to)) {
          makesNoSense(`it sends to "${output.to}", which is no node`);
        }
        return network.send(output.to, wordsOf(output.message));
      case "keep": {
        this.#keeps += 1;
        const tasks = new Map([[keptUnder, output.value as Task]]);
        const nothingElse = { wipesRaft: false, raft: [], standing: null };
        return storage.write({ number: this.#keeps, ...nothingElse, tasks });
      }
      case "wake":
        if (!(Number.isSafeInteger(output.after) && output.after >= 0)) {
          makesNoSense(`it is to wake after ${output.after}, which is no number of microseconds`);
        }
        return clock.wakeAfter(output.after, () => this.#step({ kind: "timer" }));
      default: {
        const { kind } = output as { readonly kind: unknown };
        return makesNoSense(`it wants "${kind}" done; it may send, keep and wake`);
      }
    }
  }
}

const keptUnder = "kept";

type DistributedOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function wordsOf(message: Content): NodeMessage {
  return { kind: "machine", message, incarnation: 0 } as unknown as NodeMessage;
}
