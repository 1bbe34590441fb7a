import type { ClientReply, ClientRequest } from "../core/control/command.ts";
import type { StorageWrite } from "../core/node/durable.ts";
import type { NodeEvent } from "../core/node/event.ts";
import type { NodeMessage } from "../core/node/message.ts";
import type { Host } from "./host.ts";
import type { Commit } from "./history.ts";

/**
 * What can be watched in a world. Each method is told of one thing as it happens, in the order of
 * events; observers look and never touch.
 */
export interface WorldObserver {
  /** A node has taken one input. */
  stepped(host: Host): void;
  /** A node has asked its disk to write. */
  wrote(host: Host, write: StorageWrite): void;
  /** A write is safe: it would survive a crash. */
  durable(host: Host, write: StorageWrite): void;
  crashed(host: Host): void;
  sent(host: Host, to: string, message: NodeMessage): void;
  happened(host: Host, event: NodeEvent): void;
  /** A container began to run, or ended: what really is, whatever the cluster believes. */
  started(host: number, task: string): void;
  ended(host: number, task: string): void;
  /** An entry was applied for the first time anywhere. */
  committed(commit: Commit): void;
  /** A client was told the outcome of its command. */
  acknowledged(request: ClientRequest, reply: ClientReply): void;
}

/** An observer that watches a few of these. */
export type PartialObserver = Partial<WorldObserver>;

/** Tells several observers, each only what it listens to, in their order. */
export class FanOut implements WorldObserver {
  readonly #all: readonly PartialObserver[];
  #stepped: PartialObserver[] = [];
  #sent: PartialObserver[] = [];

  constructor(observers: readonly PartialObserver[]) {
    this.#all = observers;
  }

  /** Called once the list of observers is complete. */
  listen(): void {
    this.#stepped = this.#all.filter((observer) => observer.stepped !== undefined);
    this.#sent = this.#all.filter((observer) => observer.sent !== undefined);
  }

  stepped(host: Host): void {
    for (const observer of this.#stepped) observer.stepped?.(host);
  }
  sent(host: Host, to: string, message: NodeMessage): void {
    for (const observer of this.#sent) observer.sent?.(host, to, message);
  }
  wrote(host: Host, write: StorageWrite): void {
    for (const observer of this.#all) observer.wrote?.(host, write);
  }
  durable(host: Host, write: StorageWrite): void {
    for (const observer of this.#all) observer.durable?.(host, write);
  }
  crashed(host: Host): void {
    for (const observer of this.#all) observer.crashed?.(host);
  }
  happened(host: Host, event: NodeEvent): void {
    for (const observer of this.#all) observer.happened?.(host, event);
  }
  started(host: number, task: string): void {
    for (const observer of this.#all) observer.started?.(host, task);
  }
  ended(host: number, task: string): void {
    for (const observer of this.#all) observer.ended?.(host, task);
  }
  committed(commit: Commit): void {
    for (const observer of this.#all) observer.committed?.(commit);
  }
  acknowledged(request: ClientRequest, reply: ClientReply): void {
    for (const observer of this.#all) observer.acknowledged?.(request, reply);
  }
}
