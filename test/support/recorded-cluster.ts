import { noBug } from "../../core/base/planted.ts";
import type { Random } from "../../core/base/random.ts";
import type { Moment } from "../../core/base/time.ts";
import type { ClientReply, ClientRequest } from "../../core/control/command.ts";
import { defaultClusterSpec } from "../../core/model/cluster.ts";
import type { Route } from "../../core/model/ingress.ts";
import { newestLevel } from "../../core/model/level.ts";
import type { OverlayState } from "../../core/model/overlay.ts";
import { defaultRaftTiming, type NodeConfig, type RaftTiming } from "../../core/node/config.ts";
import type { NodeEvent } from "../../core/node/event.ts";
import type { NodeInput, NodeOutput } from "../../core/node/input.ts";
import { Node } from "../../core/node/node.ts";
import { Shell } from "../../core/node/shell.ts";
import type { Entropy } from "../../core/ports/entropy.ts";
import { EventKind, Kernel } from "../../sim/kernel.ts";
import { SimClock } from "../../sim/ports/clock.ts";
import { SimDisk } from "../../sim/ports/disk.ts";
import { simEntropy } from "../../sim/ports/entropy.ts";
import { SimExecutor } from "../../sim/ports/executor.ts";
import { SimNetwork } from "../../sim/ports/network.ts";
import { Platter } from "../../sim/ports/platter.ts";
import { SimSigner } from "../../sim/ports/signer.ts";
import { description } from "./model.ts";
import { random } from "./store.ts";

/** What reached a node in one life, and what it did. */
export interface Life {
  readonly config: NodeConfig;
  readonly inputs: (readonly [NodeInput, Moment])[];
  readonly outputs: NodeOutput[];
}

interface Machine {
  readonly config: NodeConfig;
  readonly number: number;
  readonly clock: SimClock;
  readonly disk: SimDisk;
  readonly executor: SimExecutor;
  readonly signer: SimSigner;
  readonly entropy: Entropy;
  shell: Shell | null;
}

const quick = { pullMean: 300_000, createMean: 20_000, startMean: 50_000, stopMean: 100_000 };
const sound = {
  pullFailuresPerMillion: 0,
  startFailuresPerMillion: 0,
  crashMean: 30_000_000,
  badImages: new Map(),
};
const healthy = { healthyMean: 100_000, unhealthyMean: 0, sickImages: new Set<string>() };

/** The node of a life, as that ended: it is given again what reached it. */
export function relived({ config, inputs }: Life): { node: Node; outputs: NodeOutput[] } {
  const [boot, moment] = inputs[0] ?? [];
  if (boot?.kind !== "boot" || moment === undefined) throw new Error("a life begins with boot");
  const node = new Node(config, boot as NodeInput & { kind: "boot" }, moment);
  return { node, outputs: inputs.flatMap(([input, at]) => node.step(input, at)) };
}

/** A few nodes on a simulated network, each behind the real shell, with all inputs written down. */
export class RecordedCluster {
  readonly kernel = new Kernel();
  readonly lives: Life[] = [];
  readonly replies: ClientReply[] = [];
  readonly network: SimNetwork;
  readonly #machines: readonly Machine[];

  constructor(
    managers: readonly string[],
    workers: readonly string[],
    timing: Partial<RaftTiming> & { readonly snapshotInterval?: number; readonly level?: number },
  ) {
    const root = random(11);
    const names = [...managers, ...workers];
    this.network = new SimNetwork(this.kernel, root.split("network"), names.length, (packet) => {
      const from = names[packet.from] ?? "";
      const { certificate, message } = packet;
      return this.#hand(packet.to, { kind: "message", from, certificate, message });
    });
    this.#machines = names.map((id, number) => {
      const { snapshotInterval = 10_000, level = newestLevel, ...raftTiming } = timing;
      const raft = { ...defaultRaftTiming, ...raftTiming };
      const snapshots = { snapshotInterval, logEntriesForSlowFollowers: 5 };
      const cluster = { ...defaultClusterSpec, ...snapshots };
      const own = description(id, { level });
      const config = { id, managers, description: own, cluster, raft, planted: noBug };
      return this.#machine(number, config, root.split(id));
    });
    for (const machine of this.#machines) this.start(machine.config.id);
  }

  start(id: string): void {
    const machine = this.#of(id);
    const life: Life = { config: machine.config, inputs: [], outputs: [] };
    this.lives.push(life);
    machine.clock.reboot();
    machine.shell = this.#shell(machine, life);
    machine.shell.boot(machine.disk.image.load(), machine.executor.existing(), machine.signer.held);
  }

  crash(id: string): void {
    const machine = this.#of(id);
    machine.shell = null;
    machine.clock.reboot();
    machine.disk.crash();
    machine.executor.crash();
    machine.signer.crash();
  }

  request(id: string, request: ClientRequest): void {
    this.#hand(this.#of(id).number, { kind: "request", token: 1, request });
  }

  /** Runs until this second. */
  until(second: number): void {
    while ((this.kernel.nextAt ?? Number.MAX_SAFE_INTEGER) <= second * 1e6) this.kernel.step();
  }

  leader(): string | null {
    const leads = this.#machines.find(({ shell }) => shell?.node?.member?.isManaging === true);
    return leads?.config.id ?? null;
  }

  /** Containers that run, on all machines. */
  running(): number {
    const all = this.#machines.flatMap(({ executor }) => executor.existing());
    return all.filter(({ state }) => state === "running").length;
  }

  /** The users of workers give them the token as soon as there is one. */
  #joinWith(event: NodeEvent): void {
    const created = event.kind === "applied" ? event.applied.events : [];
    for (const { current } of created) {
      if (current?.kind !== "cluster" || current.ca === null) continue;
      const token = current.ca.joinTokens.worker;
      for (const { config, signer, number } of this.#machines) {
        if (config.managers.includes(config.id) || signer.held.certificate !== null) continue;
        signer.give(token);
        this.kernel.schedule(0, EventKind.STEP, number, "join", () =>
          this.#hand(number, { kind: "join", token }),
        );
      }
    }
  }

  #of(id: string): Machine {
    return this.#machines.find(({ config }) => config.id === id) as Machine;
  }

  #hand(number: number, input: NodeInput): boolean {
    const shell = this.#machines[number]?.shell ?? null;
    shell?.receive(input);
    return shell !== null;
  }

  #machine(number: number, config: NodeConfig, stream: Random): Machine {
    const { kernel } = this;
    const ignored = () => undefined;
    const health = { healthy: ignored, unhealthy: ignored };
    const watcher = { created: ignored, started: ignored, ended: ignored, ...health };
    return {
      config,
      number,
      entropy: simEntropy(stream.split("entropy")),
      clock: new SimClock(kernel, number),
      disk: new SimDisk(kernel, number, stream.split("disk"), new Platter(random(number), noBug), {
        durable: () => undefined,
        written: (written) => this.#hand(number, { kind: "written", number: written }),
      }),
      executor: new SimExecutor(
        kernel,
        number,
        stream.split("executor"),
        { ...quick, ...sound, ...healthy },
        watcher,
        (event) => this.#hand(number, { kind: "executor", event }),
      ),
      signer: new SimSigner(kernel, number, stream.split("signer"), (answer) =>
        this.#hand(number, { kind: "signed", answer }),
      ),
      shell: null,
    };
  }

  #shell(machine: Machine, life: Life): Shell {
    const { clock, disk, executor, signer, entropy, number } = machine;
    const out = (output: NodeOutput) => life.outputs.push(output);
    const ports = {
      clock,
      network: {
        send: (to: string, message: Extract<NodeOutput, { kind: "send" }>["message"]) => {
          out({ kind: "send", to, message });
          const target = this.#machines.find(({ config }) => config.id === to);
          const { certificate } = signer.held;
          if (target !== undefined) {
            this.network.send(number, target.number, message, certificate);
          }
        },
      },
      storage: {
        write: (write: Extract<NodeOutput, { kind: "write" }>["write"]) => {
          out({ kind: "write", write });
          disk.write(write);
        },
      },
      executor: {
        execute: (request: Extract<NodeOutput, { kind: "execute" }>["request"]) => {
          out({ kind: "execute", request });
          executor.execute(request);
        },
      },
      entropy,
      signer: {
        sign: (request: Extract<NodeOutput, { kind: "sign" }>["request"]) => {
          out({ kind: "sign", request });
          signer.sign(request);
        },
      },
      externalCa: {
        ask: (request: Extract<NodeOutput, { kind: "ask" }>["request"]) => {
          out({ kind: "ask", request });
        },
      },
      ingress: { route: (route: Route) => out({ kind: "route", route }) },
      overlay: { carry: (overlay: OverlayState) => out({ kind: "carry", overlay }) },
      control: {
        reply: (token: number, reply: ClientReply) => {
          out({ kind: "reply", token, reply });
          this.replies.push(reply);
        },
      },
      trace: {
        trace: (event: Extract<NodeOutput, { kind: "event" }>["event"]) => {
          out({ kind: "event", event });
          this.#joinWith(event);
        },
      },
    };
    return new Shell(machine.config, ports, (input, moment) => life.inputs.push([input, moment]));
  }
}
