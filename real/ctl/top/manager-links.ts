import type { RaftReport } from "../../../core/control/command.ts";
import type { ControlClient } from "../../api/control-client.ts";

/** What a manager said longer ago than this, in milliseconds, is not shown any more. */
const freshMs = 3_000;

/** Makes a client of the manager at an address that waits this long for an answer. */
export type Connect = (address: string, patienceMs: number) => ControlClient;

interface Link {
  client: ControlClient;
  report: RaftReport | null;
  heardAt: number;
  isAsked: boolean;
}

/** The managers that may be asked, by address, and what each has said of itself of late. */
export class ManagerLinks {
  readonly #connect: Connect;
  readonly #links = new Map<string, Link>();
  readonly #strangers = new Set<string>();

  constructor(connect: Connect) {
    this.#connect = connect;
  }

  /** Throws when the address can't be used. */
  add(address: string): void {
    if (this.#links.has(address) || this.#strangers.has(address)) return;
    const client = this.#connect(address, freshMs / 3);
    this.#links.set(address, { client, report: null, heardAt: 0, isAsked: false });
  }

  /** Those first that know a leader; among equals, in the order in which they were added. */
  get addresses(): readonly string[] {
    const rank = (link: Link) => (isFresh(link) && link.report?.status.leader != null ? 0 : 1);
    const links = [...this.#links];
    return links.sort(([, left], [, right]) => rank(left) - rank(right)).map(([at]) => at);
  }

  /** What was said of late, by node id. */
  get reports(): ReadonlyMap<string, RaftReport> {
    const fresh = [...this.#links.values()].filter(isFresh);
    return new Map(fresh.flatMap(({ report }) => (report === null ? [] : [[report.id, report]])));
  }

  reportOf(address: string): RaftReport | null {
    const link = this.#links.get(address);
    return link !== undefined && isFresh(link) ? link.report : null;
  }

  /** Asks all; those that are no part of the cluster are asked no more. Never rejects. */
  async ask(isOwn: (node: string) => boolean): Promise<void> {
    await Promise.all([...this.#links].map(([at, link]) => this.#ask(at, link, isOwn)));
  }

  close(): void {
    for (const { client } of this.#links.values()) client.close();
    this.#links.clear();
  }

  async #ask(address: string, link: Link, isOwn: (node: string) => boolean): Promise<void> {
    if (link.isAsked) return;
    link.isAsked = true;
    const asked = link.client.query({ kind: "get-raft" }, "stale");
    const [found] = await asked.catch(() => []);
    link.isAsked = false;
    if (found?.kind !== "raft-report") return this.#renew(address, link);
    if (isOwn(found.id)) {
      link.report = found;
      link.heardAt = performance.now();
      return;
    }
    this.#strangers.add(address);
    this.#links.delete(address);
    link.client.close();
  }

  /** The certificates on the disk may be others by now. */
  #renew(address: string, link: Link): void {
    if (this.#links.get(address) !== link) return;
    try {
      const client = this.#connect(address, freshMs / 3);
      link.client.close();
      link.client = client;
    } catch {
      // They can't be read just now: those that were read before must do.
    }
  }
}

function isFresh({ heardAt }: Link): boolean {
  return heardAt > 0 && performance.now() - heardAt < freshMs;
}
