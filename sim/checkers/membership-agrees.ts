import type { Entry, Membership, Snapshot } from "../../core/raft/message.ts";
import { BrokenInvariant, type Property, type RaftHost } from "./checker.ts";

/**
 * The membership at an index is the same for everyone, whether it comes from the log or with a
 * snapshot: a snapshot carries the membership of its own index, not a later one.
 */
export class MembershipAgrees implements Property {
  readonly name = "membership-agrees";
  readonly source = "Raft thesis 4.1 and 5.1: a snapshot holds the latest configuration in it";
  checks = 0;
  /** The changes that were applied, by ascending index; the first is the bootstrap. */
  readonly #known: { index: number; text: string }[];
  /** By host number: the change of membership that was applied last. */
  readonly #applied: number[] = [];

  constructor(bootstrap: Membership) {
    this.#known = [{ index: 0, text: textOf(bootstrap) }];
  }

  applied(host: RaftHost, entry: Entry): void {
    if (entry.kind === "config") this.#applied[host.number] = entry.index;
  }

  restored(host: RaftHost, snapshot: Snapshot): void {
    this.#applied[host.number] = snapshot.index;
  }

  /** The member says which membership the entry or the snapshot that it took last has brought. */
  told(host: RaftHost, membership: Membership): void {
    const index = this.#applied[host.number] ?? 0;
    const text = textOf(membership);
    const last = this.#known.at(-1);
    if (last === undefined || index > last.index) this.#known.push({ index, text });
    else this.#compare(host, index, text);
  }

  /** A snapshot of a member that knows nobody says nothing. */
  wrote(host: RaftHost, { index, membership }: Snapshot): void {
    if (membership.voters.length > 0) this.#compare(host, index, textOf(membership));
  }

  #compare(host: RaftHost, index: number, text: string): void {
    this.checks += 1;
    let known = "";
    for (const each of this.#known) if (each.index <= index) known = each.text;
    if (text === known) return;
    const detail = `at entry ${index} the membership is ${text}, and elsewhere ${known}`;
    throw new BrokenInvariant(this.name, host.name, detail);
  }
}

function textOf({ voters, outgoing, learners, learnersNext }: Membership): string {
  return [voters, outgoing, learners, learnersNext].map((part) => part.join(" ")).join(" / ");
}
