import type { ExistingContainer } from "../agent/executor-request.ts";
import { assert, unreachable } from "../base/assert.ts";
import { type Duration, elapsed, type Instant, type Moment, never } from "../base/time.ts";
import {
  knowsManagers,
  type Peer,
  refusal,
  starting,
  type Welcome,
  welcome,
} from "../ca/admission.ts";
import type { HeldIdentity } from "../ca/signer-request.ts";
import type { Ports } from "../ports/ports.ts";
import type { NodeConfig } from "./config.ts";
import type { Durable } from "./durable.ts";
import type { NodeInput, NodeOutput } from "./input.ts";
import { Node } from "./node.ts";

/** Told of every input before the node takes it: what it writes down replays the node. */
export type Recorder = (input: NodeInput, moment: Moment) => void;

/**
 * Joins one node to its ports: the only code that calls a port, and the same in the simulator and
 * in the daemon. Everything comes in through `receive`, one input after another; adapters call it
 * with what has happened and never decide.
 */
export class Shell {
  readonly #ports: Ports;
  readonly #config: NodeConfig;
  readonly #record: Recorder | null;
  #node: Node | null = null;
  /** When the timer that is set will run out. */
  #timerAt: Instant = never;

  constructor(config: NodeConfig, ports: Ports, record: Recorder | null = null) {
    this.#config = config;
    this.#ports = ports;
    this.#record = record;
  }

  /** The node, for checkers and views; null before `boot`. Look, don't touch. */
  get node(): Node | null {
    return this.#node;
  }

  /** Starts the node with what its disk, executor and signer hold. Once in a shell's life. */
  boot(durable: Durable, containers: readonly ExistingContainer[], identity: HeldIdentity): void {
    assert(this.#node === null, "a node boots once");
    const { entropy } = this.#ports;
    const [seed, secretSeed] = [entropy.seed(), entropy.secretSeed()];
    this.receive({ kind: "boot", seed, secretSeed, durable, containers, identity });
  }

  /** Why this peer's client may not use the node as a manager, or null: managers' clients may. */
  refusalOf(peer: Peer): string | null {
    if (this.#node === null) return starting.reason;
    return refusal("forward", peer, this.#node.receiverFor(peer, this.#moment()))?.reason ?? null;
  }

  /** What a connection to this peer is good for, which changes with time. */
  welcome(peer: Peer): Welcome {
    return this.#node === null
      ? starting
      : welcome(peer, this.#node.receiverFor(peer, this.#moment()));
  }

  /** Whether what this peer says of where managers are reached is believed. */
  knowsManagers(peer: Peer): boolean {
    return knowsManagers(peer, this.#node?.receiverFor(peer, this.#moment()) ?? null);
  }

  /** Takes one input; what comes before `boot` is dropped. */
  receive(input: NodeInput): void {
    const moment = this.#moment();
    if (input.kind === "wake") this.#timerAt = never;
    if (input.kind === "boot") this.#node = new Node(this.#config, input, moment);
    const node = this.#node;
    if (node === null) return;
    this.#record?.(input, moment);
    for (const output of node.step(input, moment)) this.#carry(output);
    const { deadline } = node;
    if (deadline !== this.#timerAt && deadline !== never) this.#setTimer(deadline, moment.now);
  }

  #moment(): Moment {
    const { clock } = this.#ports;
    return { now: clock.now(), calendar: clock.calendar() };
  }

  #setTimer(at: Instant, now: Instant): void {
    this.#timerAt = at;
    const delay = at > now ? elapsed(now, at) : (0 as Duration);
    this.#ports.clock.wakeAfter(delay, this.#wake);
  }

  readonly #wake = (): void => this.receive({ kind: "wake" });

  #carry(output: NodeOutput): void {
    const ports = this.#ports;
    switch (output.kind) {
      case "write":
        return ports.storage.write(output.write);
      case "send":
        return ports.network.send(output.to, output.message);
      case "execute":
        return ports.executor.execute(output.request);
      case "route":
        return ports.ingress.route(output.route);
      case "carry":
        return ports.overlay.carry(output.overlay);
      case "sign":
        return ports.signer.sign(output.request);
      case "ask":
        return ports.externalCa.ask(output.request);
      case "reply":
        return ports.control.reply(output.token, output.reply);
      case "event":
        return ports.trace.trace(output.event);
      default:
        return unreachable(output);
    }
  }
}
