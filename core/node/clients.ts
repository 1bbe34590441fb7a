import type { Random } from "../base/random.ts";
import { type Instant, never } from "../base/time.ts";
import type { ClientCommand, ClientReply, Query } from "../control/command.ts";
import type { MemberId } from "../raft/message.ts";
import type { NodeConfig } from "./config.ts";
import { Forwards } from "./forwards.ts";
import type { Outbox } from "./outbox.ts";
import { type Read, Reads } from "./reads.ts";
import { noLeader, unconfirmed } from "./replies.ts";

/**
 * What clients of this manager wait for that it can't answer by itself: reads, for a quorum; and
 * commands, for the leader to whom they were handed on. Each is answered, or told to try again.
 */
export class Clients {
  readonly #config: Pick<NodeConfig, "probe">;
  readonly #outbox: Outbox;
  readonly #reads = new Reads();
  readonly #forwards: Forwards;

  constructor(config: Pick<NodeConfig, "probe">, outbox: Outbox, random: Random) {
    this.#config = config;
    this.#outbox = outbox;
    this.#forwards = new Forwards(random);
  }

  get deadline(): Instant {
    return Math.min(this.#forwards.deadline, this.#reads.deadline) as Instant;
  }

  /** The number under which to ask Raft for the read; null: too many wait. */
  read(token: number, query: Query, leader: string | null, now: Instant): number | null {
    const isBusy = this.#config.probe?.buggify("busy-reader") === true;
    const readContext = isBusy ? null : this.#reads.open(token, query, now);
    if (readContext === null) this.#outbox.reply(token, unconfirmed(leader));
    return readContext;
  }

  /** The number of a read that nobody waits for: it tells whether a quorum still follows. */
  openProbe(now: Instant): number {
    return this.#reads.openProbe(now);
  }

  /** A quorum has confirmed the read. Of a probe, when it was asked for; else null. */
  confirm(readContext: number, index: number, heard: readonly MemberId[]): Instant | null {
    return this.#reads.confirm(readContext, index, heard);
  }

  /** Raft could not have the read confirmed: whoever waits for it gets `reply`. */
  readFailed(readContext: number, reply: ClientReply): void {
    const token = this.#reads.fail(readContext);
    if (token !== null) this.#outbox.reply(token, reply);
  }

  /** The reads that can be answered from a store at `applied`. */
  takeReads(applied: number): readonly Read[] {
    return this.#reads.takeReady(applied);
  }

  /** Gives up the reads that have waited for too long. */
  expireReads(leader: string | null, now: Instant): void {
    for (const { token } of this.#reads.takeExpired(now)) {
      this.#outbox.reply(token, unconfirmed(leader));
    }
  }

  /** Hands a command on to the leader. */
  forward(token: number, request: ClientCommand, leader: string | null, now: Instant): void {
    const isBusy = leader === null || this.#config.probe?.buggify("busy-forwarder") === true;
    const forwarded = isBusy ? null : this.#forwards.open(token, request.command, now);
    if (leader === null || forwarded === null) return this.#outbox.reply(token, noLeader(null));
    this.#outbox.send(leader, { kind: "forward", token: forwarded, request });
  }

  /** The leader has answered a command that was handed on. */
  forwardReply(token: number, reply: ClientReply): void {
    const clientToken = this.#forwards.close(token);
    if (clientToken !== null) this.#outbox.reply(clientToken, reply);
  }

  /** Gives up the commands that have waited for too long: `never` gives up all. */
  expireForwards(now: Instant): void {
    for (const token of this.#forwards.expire(now)) this.#outbox.reply(token, noLeader(null));
  }

  /** The node takes part no more: whoever waits may ask another manager. */
  stop(): void {
    this.expireForwards(never);
    this.expireReads(null, never);
  }
}
