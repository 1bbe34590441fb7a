import type { ClientReply, ClientRequest } from "../core/control/command.ts";
import type { Durable, StorageWrite } from "../core/node/durable.ts";
import type { NodeEvent } from "../core/node/event.ts";
import type { NodeInput } from "../core/node/input.ts";
import type { NodeMessage } from "../core/node/message.ts";
import type { ForgedMessage } from "./forger.ts";
import type { Commit } from "./history.ts";
import type { Host } from "./host.ts";

/**
 * What can be watched in a world. Each method is told of one thing as it happens, in the order of
 * events; observers look and never touch.
 */
export interface WorldObserver {
  /** A node is about to take one input. */
  taking(host: Host, input: NodeInput): void;
  /** A node has taken one input. */
  stepped(host: Host): void;
  /** A node has asked its disk to write. */
  wrote(host: Host, write: StorageWrite): void;
  /** A write is safe: it would survive a crash. */
  durable(host: Host, write: StorageWrite): void;
  /** A node is about to end: it can still be looked at. */
  ending(host: Host): void;
  crashed(host: Host): void;
  /** A node is about to start with what was found on its disk. */
  recovered(host: Host, found: Durable): void;
  /** A node does not start: its disk is damaged. */
  refused(host: Host, reason: string): void;
  sent(host: Host, to: string, message: NodeMessage): void;
  happened(host: Host, event: NodeEvent): void;
  /** A container began to run, or ended: what really is, whatever the cluster believes. */
  started(host: number, task: string): void;
  ended(host: number, task: string): void;
  /** Its health check succeeds from now on, or fails for good. Of containers that have one. */
  healthy(host: number, task: string): void;
  unhealthy(host: number, task: string): void;
  /** An entry was applied for the first time anywhere. */
  committed(commit: Commit): void;
  /** A client was told the outcome of its command. */
  acknowledged(request: ClientRequest, reply: ClientReply): void;
  /** A node has looked at a message that its sender forged, and let it in or not. */
  forged(host: Host, message: ForgedMessage): void;
}

/** An observer that watches a few of these. */
export type PartialObserver = Partial<WorldObserver>;

/** The observers that listen to one topic. */
type Listeners<Topic extends keyof WorldObserver> = readonly (PartialObserver &
  Pick<WorldObserver, Topic>)[];

/** Tells several observers, each only what it listens to, in their order. */
export class FanOut implements WorldObserver {
  #taking: Listeners<"taking"> = [];
  #stepped: Listeners<"stepped"> = [];
  #sent: Listeners<"sent"> = [];
  #wrote: Listeners<"wrote"> = [];
  #durable: Listeners<"durable"> = [];
  #ending: Listeners<"ending"> = [];
  #crashed: Listeners<"crashed"> = [];
  #recovered: Listeners<"recovered"> = [];
  #refused: Listeners<"refused"> = [];
  #happened: Listeners<"happened"> = [];
  #started: Listeners<"started"> = [];
  #ended: Listeners<"ended"> = [];
  #healthy: Listeners<"healthy"> = [];
  #unhealthy: Listeners<"unhealthy"> = [];
  #committed: Listeners<"committed"> = [];
  #acknowledged: Listeners<"acknowledged"> = [];
  #forged: Listeners<"forged"> = [];

  /** From now on these are told, and nobody else. */
  listen(observers: readonly PartialObserver[]): void {
    this.#taking = interested(observers, "taking");
    this.#stepped = interested(observers, "stepped");
    this.#sent = interested(observers, "sent");
    this.#wrote = interested(observers, "wrote");
    this.#durable = interested(observers, "durable");
    this.#ending = interested(observers, "ending");
    this.#crashed = interested(observers, "crashed");
    this.#recovered = interested(observers, "recovered");
    this.#refused = interested(observers, "refused");
    this.#happened = interested(observers, "happened");
    this.#started = interested(observers, "started");
    this.#ended = interested(observers, "ended");
    this.#healthy = interested(observers, "healthy");
    this.#unhealthy = interested(observers, "unhealthy");
    this.#committed = interested(observers, "committed");
    this.#acknowledged = interested(observers, "acknowledged");
    this.#forged = interested(observers, "forged");
  }

  taking(host: Host, input: NodeInput): void {
    for (const observer of this.#taking) observer.taking(host, input);
  }
  stepped(host: Host): void {
    for (const observer of this.#stepped) observer.stepped(host);
  }
  sent(host: Host, to: string, message: NodeMessage): void {
    for (const observer of this.#sent) observer.sent(host, to, message);
  }
  wrote(host: Host, write: StorageWrite): void {
    for (const observer of this.#wrote) observer.wrote(host, write);
  }
  durable(host: Host, write: StorageWrite): void {
    for (const observer of this.#durable) observer.durable(host, write);
  }
  ending(host: Host): void {
    for (const observer of this.#ending) observer.ending(host);
  }
  crashed(host: Host): void {
    for (const observer of this.#crashed) observer.crashed(host);
  }
  recovered(host: Host, found: Durable): void {
    for (const observer of this.#recovered) observer.recovered(host, found);
  }
  refused(host: Host, reason: string): void {
    for (const observer of this.#refused) observer.refused(host, reason);
  }
  happened(host: Host, event: NodeEvent): void {
    for (const observer of this.#happened) observer.happened(host, event);
  }
  started(host: number, task: string): void {
    for (const observer of this.#started) observer.started(host, task);
  }
  ended(host: number, task: string): void {
    for (const observer of this.#ended) observer.ended(host, task);
  }
  healthy(host: number, task: string): void {
    for (const observer of this.#healthy) observer.healthy(host, task);
  }
  unhealthy(host: number, task: string): void {
    for (const observer of this.#unhealthy) observer.unhealthy(host, task);
  }
  committed(commit: Commit): void {
    for (const observer of this.#committed) observer.committed(commit);
  }
  acknowledged(request: ClientRequest, reply: ClientReply): void {
    for (const observer of this.#acknowledged) observer.acknowledged(request, reply);
  }
  forged(host: Host, message: ForgedMessage): void {
    for (const observer of this.#forged) observer.forged(host, message);
  }
}

function interested<Topic extends keyof WorldObserver>(
  observers: readonly PartialObserver[],
  topic: Topic,
): Listeners<Topic> {
  return observers.filter((observer) => observer[topic] !== undefined) as Listeners<Topic>;
}
