import { after, type Instant, ms, never } from "../base/time.ts";
import { nodeOfMember } from "../model/standing.ts";
import type { MemberId, RaftMessage } from "../raft/message.ts";
import type { NodeConfig } from "./config.ts";
import type { Outbox } from "./outbox.ts";
import { snapshotsByReference } from "./snapshot-codec.ts";
import type { SnapshotMessage } from "./snapshot-message.ts";
import { type RaftSnapshot, SnapshotReceiver, SnapshotSender } from "./snapshot-transfer.ts";

/** Between two chunks that are made: making one takes a millisecond or two, of a slow machine. */
const preparePause = ms(4);

/** The snapshots that a member sends as the leader, or receives as a follower, in chunks. */
export class Snapshots {
  readonly #id: MemberId;
  readonly #outbox: Outbox;
  readonly #sender: SnapshotSender;
  readonly #receiver: SnapshotReceiver;
  #prepareAt = never;

  constructor({ raft, probe = null, snapshotCodec }: NodeConfig, id: MemberId, outbox: Outbox) {
    const codec = snapshotCodec ?? snapshotsByReference;
    const chunkBytes = probe?.buggify("tiny-chunks") ? 512 : raft.snapshotChunkBytes;
    this.#id = id;
    this.#outbox = outbox;
    this.#sender = new SnapshotSender(codec, chunkBytes, 2 * raft.electionTicks);
    this.#receiver = new SnapshotReceiver(codec, probe);
  }

  /** When `prepare` is to be called next. */
  get deadline(): Instant {
    return this.#prepareAt;
  }

  /** Raft's own message goes chunk by chunk. */
  send(message: RaftSnapshot, now: Instant): void {
    this.#send(message.to, this.#sender.begin(message));
    if (this.#prepareAt === never) this.#prepareLater(now);
  }

  /** Makes the next chunk, if it is time to. */
  prepare(now: Instant): void {
    if (now < this.#prepareAt) return;
    for (const [to, message] of this.#sender.prepare()) this.#send(to, message);
    this.#prepareLater(now);
  }

  /** A chunk, or the answer to one. Raft's message once its snapshot is whole, else null. */
  receive(from: MemberId, message: SnapshotMessage, ownTerm: number): RaftMessage | null {
    if (message.kind === "ack") {
      this.#send(from, this.#sender.acknowledged(from, message));
      return null;
    }
    const { term } = message;
    if (term < ownTerm) return null;
    const { answer, snapshot } = this.#receiver.receive(from, message);
    this.#send(from, answer);
    return snapshot === null ? null : { kind: "snapshot", from, to: this.#id, snapshot, term };
  }

  /** A tick of Raft: sends again what is not answered; the followers that are given up. */
  tick(): readonly MemberId[] {
    if (this.#sender.size === 0) return nobody;
    const { again, failed } = this.#sender.tick();
    for (const [to, message] of again) this.#send(to, message);
    return failed;
  }

  /** This member does not lead any more. */
  stop(): void {
    this.#sender.stop();
    this.#prepareAt = never;
  }

  #prepareLater(now: Instant): void {
    this.#prepareAt = this.#sender.isPreparing ? after(now, preparePause) : never;
  }

  #send(to: MemberId, message: SnapshotMessage | null): void {
    if (message === null) return;
    this.#outbox.send(nodeOfMember(to), { kind: "snapshot", from: this.#id, to, message });
  }
}

const nobody: readonly MemberId[] = [];
