import { assert } from "../../core/base/assert.ts";
import { noBug } from "../../core/base/planted.ts";
import type { Random } from "../../core/base/random.ts";
import type { NodeMessage } from "../../core/node/message.ts";
import { randomOf } from "../chance/random-of.ts";
import { FaultBudget } from "../faults/fault-budget.ts";
import { Faults } from "../faults/faults.ts";
import { Kernel } from "../kernel.ts";
import type { ContainerConditions } from "../ports/container-conditions.ts";
import { SimNetwork } from "../ports/network.ts";
import type { StoryLine } from "../result.ts";
import { Operator } from "../users/operator.ts";
import { delivered } from "../world/delivered.ts";
import { History } from "../world/history.ts";
import { Host } from "../world/host.ts";
import { FanOut } from "../world/observer.ts";
import { calmContainers, nodeConfigs } from "../world/plan.ts";
import type { Watcher } from "../world/watch.ts";
import type { Machine, MachineNode, MachinePlan } from "./machine.ts";
import { MachineShell, ofUser } from "./machine-shell.ts";

/** Who looks at a world of machines: from outside, without touching anything. */
export type MachineWatch = (world: MachineWorld) => Watcher;

/** A simulated world of a user's own machines. */
export class MachineWorld {
  readonly kernel = new Kernel();
  readonly random: Random;
  readonly network: SimNetwork;
  readonly hosts: readonly Host[];
  /** The hosts by name. */
  readonly named: ReadonlyMap<string, Host>;
  readonly zones: ReadonlyMap<string, null>;
  readonly faults: Faults;
  readonly watcher: Watcher | null;
  /** There is no cluster: nothing is stored, nothing is served, and nobody asks for anything. */
  readonly history = new History(() => undefined);
  readonly availability = { report: () => ({}) };
  /** Nobody has a certificate, or looks at one. */
  readonly forger = { forge: () => undefined };
  readonly authorities = { ask: () => undefined, change: () => undefined };
  readonly operators: readonly Operator[];
  readonly budget = new FaultBudget(this);
  readonly containers: ContainerConditions = calmContainers();
  readonly #shells: (MachineShell | null)[];
  readonly #story: ((line: StoryLine) => void) | null;

  constructor(
    { nodes, start }: MachinePlan<unknown>,
    seed: string,
    story: ((line: StoryLine) => void) | null,
    watch: MachineWatch | null,
  ) {
    this.random = randomOf(seed);
    this.#story = story;
    this.#shells = nodes.map(() => null);
    this.zones = new Map(nodes.map((name) => [name, null]));
    this.network = new SimNetwork(this.kernel, this.random.split("network"), nodes.length, (it) =>
      delivered(this.hosts, it),
    );
    const observer = new FanOut();
    this.hosts = this.#makeHosts(
      nodes,
      start as (node: string) => Machine<never, unknown>,
      observer,
    );
    this.named = new Map(this.hosts.map((host) => [host.name, host]));
    const asked = { kernel: this.kernel, hosts: this.hosts, observer };
    this.operators = [new Operator("operator", asked, this.random.split("operator"))];
    this.faults = new Faults(this, this.random.split("faults"), () => undefined);
    this.watcher = watch?.(this) ?? null;
    observer.listen(this.watcher === null ? [] : [this.watcher]);
  }

  get managers(): readonly Host[] {
    return this.hosts;
  }

  /** There is nothing to join. */
  giveToken(): void {
    assert(false, "machines of a user join nothing");
  }

  tell(kind: StoryLine["kind"], text: string): void {
    this.#story?.({ at: this.kernel.now / 1e6, kind, text });
  }

  /** The nodes as an invariant sees them. */
  nodes(): MachineNode<unknown>[] {
    return this.hosts.map(({ name, state, number, clock }) => {
      const isOn = state === "up" || state === "paused";
      const machine = isOn ? (this.#shells[number]?.machine ?? null) : null;
      return { name, state, machine, now: clock.now() };
    });
  }

  #makeHosts(
    nodes: readonly string[],
    start: (node: string) => Machine<never, unknown>,
    observer: FanOut,
  ): Host[] {
    const numbers = new Map(nodes.map((name, number) => [name, number]));
    const known = new Set(nodes);
    const topology = { managers: nodes.map((name) => ({ name })), workers: 0 };
    return nodeConfigs(topology, noBug).map(
      (config, number) =>
        new Host(number, config, this.random.split(config.id), {
          kernel: this.kernel,
          containers: this.containers,
          authorities: this.authorities,
          observer,
          send: (from: Host, to: string, message: NodeMessage) => {
            observer.sent(from, to, message);
            const target = numbers.get(to);
            if (target !== undefined) this.network.send(from.number, target, message);
          },
          ended: (host, reason) => this.faults.ended(host, reason),
          reply: () => undefined,
          shell: ({ id }, ports) => {
            const shell = new MachineShell(
              ofUser(() => start(id)),
              ports,
              known,
            );
            this.#shells[number] = shell;
            return shell;
          },
        }),
    );
  }
}
