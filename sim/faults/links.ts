import type { SimNetwork } from "../ports/network.ts";
import type { Host } from "../world/host.ts";

/** Links that were cut together and are mended together. */
export interface Cut {
  readonly from: readonly Host[];
  readonly to: readonly Host[];
  /** Only what `from` sends to `to` is lost. */
  readonly oneWay: boolean;
}

type Tell = (kind: "fault" | "heal", text: string) => void;

/** Cuts and clogs links, and remembers which must be mended. */
export class Links {
  readonly #network: SimNetwork;
  readonly #tell: Tell;
  readonly #cuts: Cut[] = [];

  constructor(network: SimNetwork, tell: Tell) {
    this.#network = network;
    this.#tell = tell;
  }

  /** Cuts every link from one side to the other; also the way back, unless it is one-way. */
  partition(cut: Cut): void {
    for (const [source, target] of linksOf(cut)) this.#network.cut(source, target);
    this.#cuts.push(cut);
    const arrow = cut.oneWay ? "can't send to" : "can't reach";
    this.#tell("fault", `partition: ${names(cut.from)} ${arrow} ${names(cut.to)}`);
  }

  /** Ends one partition, if it has not ended yet. */
  mend(cut: Cut): void {
    const index = this.#cuts.findIndex((other) => isSameCut(other, cut));
    if (index < 0) return;
    this.#cuts.splice(index, 1);
    for (const [source, target] of linksOf(cut)) this.#network.mend(source, target);
    this.#tell("heal", "a partition has healed");
  }

  heal(): void {
    if (this.#cuts.length === 0) return;
    for (const cut of this.#cuts.splice(0)) {
      for (const [source, target] of linksOf(cut)) this.#network.mend(source, target);
    }
    this.#tell("heal", "the network has healed");
  }

  clog(cut: Cut, lasting: number): void {
    for (const [source, target] of linksOf(cut)) this.#network.clog(source, target, lasting);
    const what = `what ${names(cut.from)} sends to ${names(cut.to)} waits on the way`;
    this.#tell("fault", `${what} for ${lasting / 1e6} s`);
  }
}

function linksOf({ from, to, oneWay }: Cut): (readonly [from: number, to: number])[] {
  const there = from.flatMap((left) =>
    to.filter((right) => right !== left).map((right) => [left.number, right.number] as const),
  );
  return oneWay ? there : there.flatMap((link) => [link, [link[1], link[0]] as const]);
}

function isSameCut(one: Cut, other: Cut): boolean {
  const isSame = (left: readonly Host[], right: readonly Host[]) =>
    left.length === right.length && left.every((host, at) => host === right[at]);
  return one.oneWay === other.oneWay && isSame(one.from, other.from) && isSame(one.to, other.to);
}

function names(hosts: readonly Host[]): string {
  return hosts.map((host) => host.name).join(" ") || "nobody";
}
