import { connectedGroups } from "../../core/observe/connected.ts";
import type { SimNetwork } from "../ports/network.ts";
import type { Partition } from "./run-record.ts";

/** When each link was cut, and what of that belongs together. */
export class Partitions {
  readonly #network: Pick<SimNetwork, "isCut">;
  readonly #hosts: number;
  /** Since when the link `from * hosts + to` is cut. */
  readonly #since = new Map<number, number>();
  /** The links that were cut from one moment to another, by these moments. */
  readonly #ended = new Map<string, { from: number; to: number; links: number[] }>();

  constructor(network: Pick<SimNetwork, "isCut">, hosts: number) {
    this.#network = network;
    this.#hosts = hosts;
  }

  /** To be called after every event that may have cut or mended something. */
  look(now: number): void {
    for (let from = 0; from < this.#hosts; from += 1) {
      for (let to = 0; to < this.#hosts; to += 1) {
        if (from === to) continue;
        const link = from * this.#hosts + to;
        const since = this.#since.get(link);
        if (this.#network.isCut(from, to) === (since !== undefined)) continue;
        if (since === undefined) this.#since.set(link, now);
        else this.#end(link, since, now);
      }
    }
  }

  all(end: number): Partition[] {
    for (const [link, since] of [...this.#since]) this.#end(link, since, end);
    const spans = [...this.#ended.values()].sort((left, right) => left.from - right.from);
    return spans.map(({ from, to, links }) => ({ from, to, ...this.#shape(links) }));
  }

  #end(link: number, from: number, to: number): void {
    this.#since.delete(link);
    const key = `${from} ${to}`;
    const span = this.#ended.get(key) ?? { from, to, links: [] };
    span.links.push(link);
    this.#ended.set(key, span);
  }

  #shape(links: readonly number[]): Omit<Partition, "from" | "to"> {
    const cut = new Set(links);
    const endsOf = (link: number) => [Math.floor(link / this.#hosts), link % this.#hosts] as const;
    const backOf = (link: number) => {
      const [from, to] = endsOf(link);
      return to * this.#hosts + from;
    };
    const groups = this.#groups((link) => !cut.has(link) && !cut.has(backOf(link)));
    return {
      groups,
      links: groups.length > 1 ? [] : links.map(endsOf),
      oneWay: links.every((link) => !cut.has(backOf(link))),
    };
  }

  /** The nodes that reach one another over open links, both ways; the largest group first. */
  #groups(isOpen: (link: number) => boolean): number[][] {
    const all = Array.from({ length: this.#hosts }, (_, number) => number);
    const groups = connectedGroups(all, (one, other) => isOpen(one * this.#hosts + other));
    return groups.map((group) => group.sort((one, other) => one - other));
  }
}
