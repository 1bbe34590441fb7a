import {
  createRaft,
  durableAfter,
  type MemberId,
  type Raft,
  type RaftDurable,
  type RaftInput,
  type RaftMessage,
  type RaftOptions,
  type RaftOutput,
  type RaftWrite,
} from "../../core/raft/driver.ts";
import { describeMessage, describeOutput } from "./format.ts";
import { Safety } from "./safety.ts";

/** One member of a story: the machine, its disk, and the writes on their way there. */
export interface Member {
  readonly id: MemberId;
  readonly options: RaftOptions;
  /** Null while crashed. */
  raft: Raft | null;
  durable: RaftDurable;
  /** Not acknowledged yet, oldest first. */
  writes: RaftWrite[];
  /** Writes wait for `ack-write`; else they are acknowledged as soon as they are asked for. */
  holdsWrites: boolean;
  /** By how many ticks a drawn election timeout exceeds the shortest one. */
  timeoutExtra: number;
}

/** Which messages a command means; null: any. */
export interface MessageFilter {
  readonly from: MemberId | null;
  readonly to: MemberId | null;
  readonly kind: string | null;
}

/**
 * Members, the messages between them, and the trace of all that can be seen of them. It is built
 * on `core/raft/driver.ts` alone, as a program outside the project would be.
 *
 * A line at the margin is what happens to a member (a message arrives, its disk has a write); the
 * lines indented under it are what the member does about it.
 */
export class Cluster {
  readonly members = new Map<MemberId, Member>();
  /** On their way, oldest first. */
  mail: RaftMessage[] = [];
  /** Held back by `delay` until `release`. */
  delayed: RaftMessage[] = [];
  readonly #safety = new Safety();
  #trace: string[] = [];

  takeTrace(): string[] {
    return this.#trace.splice(0);
  }

  note(line: string): void {
    this.#trace.push(line);
  }

  member(id: MemberId): Member {
    const member = this.members.get(id);
    if (member === undefined) throw new Error(`there is no member ${id}`);
    return member;
  }

  raft(id: MemberId): Raft {
    const { raft } = this.member(id);
    if (raft === null) throw new Error(`${id} is down`);
    return raft;
  }

  add(id: MemberId, durable: RaftDurable, options: RaftOptions): void {
    if (this.members.has(id)) throw new Error(`${id} exists already`);
    const rest = { raft: null, writes: [], holdsWrites: false, timeoutExtra: 0 };
    this.members.set(id, { id, options, durable, ...rest });
    this.start(id);
  }

  /** Starts a member from its disk. All that is random is fixed by `election-timeout`. */
  start(id: MemberId): void {
    const member = this.member(id);
    if (member.raft !== null) throw new Error(`${id} is running`);
    const below = (bound: number) => Math.min(member.timeoutExtra, bound - 1);
    const random = { u32: () => 0, below };
    const { durable, options } = member;
    member.raft = createRaft({ id, durable, random, options });
  }

  /** The first `kept` writes in flight reach the disk; the others are lost. */
  crash(id: MemberId, kept: number): void {
    const member = this.member(id);
    this.raft(id);
    for (const write of member.writes.slice(0, kept)) {
      member.durable = durableAfter(member.durable, write);
    }
    member.writes = [];
    member.raft = null;
  }

  step(id: MemberId, input: RaftInput): void {
    const member = this.member(id);
    const raft = this.raft(id);
    const { commit } = raft;
    const outputs = raft.step(input);
    if (raft.commit !== commit) this.note(`  commit ${raft.commit}`);
    for (const output of outputs) this.#carryOut(member, output);
    this.#safety.check(raft, outputs);
    if (!member.holdsWrites) this.acknowledge(id, member.writes.length);
  }

  /** The disk of `id` finishes its oldest `count` writes. */
  acknowledge(id: MemberId, count: number): void {
    const member = this.member(id);
    for (let at = 0; at < count; at += 1) {
      const write = member.writes.shift();
      if (write === undefined) return;
      member.durable = durableAfter(member.durable, write);
      this.note(`${id} wrote #${write.id}`);
      this.step(id, { kind: "written", id: write.id });
    }
  }

  /** Takes the messages that `filter` means off their way, `count` at most. */
  take(filter: MessageFilter, count: number): RaftMessage[] {
    const taken = this.mail.filter((message) => meant(filter, message)).slice(0, count);
    this.mail = this.mail.filter((message) => !taken.includes(message));
    return taken;
  }

  deliver(message: RaftMessage): void {
    const { from, to } = message;
    if ((this.members.get(to)?.raft ?? null) === null) {
      this.note(`${to} is down, lost: ${describeMessage(message)} of ${from}`);
      return;
    }
    this.note(`${to} <- ${from} ${describeMessage(message)}`);
    this.step(to, { kind: "message", message });
  }

  #carryOut(member: Member, output: RaftOutput): void {
    this.note(`  ${describeOutput(output)}`);
    if (output.kind === "write") member.writes.push(output.write);
    if (output.kind === "send") this.mail.push(output.message);
  }
}

function meant({ from, to, kind }: MessageFilter, message: RaftMessage): boolean {
  if (from !== null && message.from !== from) return false;
  if (to !== null && message.to !== to) return false;
  return kind === null || message.kind === kind;
}
