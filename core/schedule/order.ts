import { IndexedHeap, type Positioned } from "../base/indexed-heap.ts";
import type { Node } from "../model/node.ts";
import type { Candidate } from "./candidate.ts";
import type { Check } from "./filters.ts";
import type { NodeSet } from "./node-set.ts";

/** How nodes are ranked for one kind of task: the lowest rank is the best, then the lowest id. */
export interface Ranking {
  /** One for each filter, in their order; null where it does not concern the task. */
  readonly checks: readonly (Check | null)[];
  readonly rank: (candidate: Candidate, into: Rank) => void;
  /** The values of the labels to spread over, the outermost first. */
  readonly branch: (candidate: Candidate) => readonly string[];
  /** Active tasks of the service on the node: what branches are evened out by. */
  readonly tasks: (candidate: Candidate) => number;
}

/** Compared number by number. */
export interface Rank {
  first: number;
  second: number;
  third: number;
}

interface Entry extends Positioned, Rank {
  readonly id: string;
  readonly candidate: Candidate;
  /** What the leaf was chosen for. */
  node: Node;
  leaf: Leaf;
  /** Tasks of the service that the branches count for this node. */
  tasks: number;
  /** The filter that refuses the node; -1: none does. */
  refusedBy: number;
}

/** The nodes with the same labels. */
interface Leaf {
  /** The branches it is part of, the outermost first. */
  readonly branches: readonly Branch[];
  readonly fit: IndexedHeap<Entry>;
}

interface Branch {
  tasks: number;
}

/**
 * The nodes in the order in which tasks of one kind want them, kept up to date node by node.
 *
 * A tree of branches, one level for each label to spread over: among branches the one with the
 * fewest tasks of the service comes first, whether or not they can run there (SwarmKit
 * `decisionTree`). Branches without a node that fits are left out. Where branches are even, the
 * better node decides, so that many small services don't all go to the same zone.
 */
export class Order {
  readonly #nodes: NodeSet;
  readonly #ranking: Ranking;
  readonly #entries: (Entry | undefined)[] = [];
  readonly #leaves = new Map<string, Leaf>();
  readonly #branches = new Map<string, Branch>();
  readonly #refusals: number[];
  #seen: number;

  constructor(nodes: NodeSet, ranking: Ranking) {
    this.#nodes = nodes;
    this.#ranking = ranking;
    this.#refusals = ranking.checks.map(() => 0);
    this.#seen = nodes.end;
    for (const candidate of nodes.all()) this.#follow(candidate);
  }

  /** False when too much has changed: another order must be built. */
  catchUp(): boolean {
    if (this.#seen === this.#nodes.end) return true;
    const isTold = this.#nodes.tellSince(this.#seen, (changed) => this.#follow(changed));
    this.#seen = this.#nodes.end;
    return isTold;
  }

  /** How many nodes each filter refuses that none before it does. */
  get refusals(): readonly number[] {
    return this.#refusals;
  }

  best(): Candidate | null {
    let best: Leaf | null = null;
    for (const leaf of this.#leaves.values()) {
      if (leaf.fit.size > 0 && (best === null || isBetter(leaf, best))) best = leaf;
    }
    return best?.fit.peek()?.candidate ?? null;
  }

  /** The best ones where there is nothing to spread over. */
  first(count: number): Candidate[] {
    const [leaf] = this.#leaves.values();
    if (leaf === undefined) return [];
    return leaf.fit.first(count).map(({ candidate }) => candidate);
  }

  #follow(candidate: Candidate): void {
    const { node, seat } = candidate;
    const entry = this.#entries[seat];
    if (node === null) {
      if (entry !== undefined) this.#leave(entry);
      this.#entries[seat] = undefined;
      return;
    }
    const refusedBy = this.#refusingFilter(candidate, node);
    if (entry === undefined) {
      const entered = newEntry(candidate, node, this.#leaf(this.#ranking.branch(candidate)));
      this.#entries[seat] = entered;
      this.#enter(entered, refusedBy);
    } else if (entry.node === node && entry.refusedBy === refusedBy) this.#stay(entry);
    else {
      this.#leave(entry);
      entry.node = node;
      entry.leaf = this.#leaf(this.#ranking.branch(candidate));
      this.#enter(entry, refusedBy);
    }
  }

  #enter(entry: Entry, refusedBy: number): void {
    const { leaf, candidate } = entry;
    entry.refusedBy = refusedBy;
    this.#tally(entry);
    if (refusedBy >= 0) return this.#countRefusal(refusedBy, 1);
    this.#ranking.rank(candidate, entry);
    leaf.fit.push(entry);
  }

  /** What the node runs has changed, if anything. */
  #stay(entry: Entry): void {
    this.#tally(entry);
    if (entry.refusedBy >= 0) return;
    const { first, second, third } = entry;
    this.#ranking.rank(entry.candidate, entry);
    if (entry.first !== first || entry.second !== second || entry.third !== third) {
      entry.leaf.fit.moved(entry);
    }
  }

  #leave(entry: Entry): void {
    const { leaf, refusedBy } = entry;
    for (const branch of leaf.branches) branch.tasks -= entry.tasks;
    entry.tasks = 0;
    if (refusedBy >= 0) this.#countRefusal(refusedBy, -1);
    else leaf.fit.remove(entry);
  }

  #refusingFilter(candidate: Candidate, node: Node): number {
    const { checks } = this.#ranking;
    for (let at = 0; at < checks.length; at += 1) {
      const check = checks[at];
      if (check && !check(candidate, node)) return at;
    }
    return -1;
  }

  #tally(entry: Entry): void {
    const { branches } = entry.leaf;
    if (branches.length === 0) return;
    const tasks = this.#ranking.tasks(entry.candidate);
    for (const branch of branches) branch.tasks += tasks - entry.tasks;
    entry.tasks = tasks;
  }

  #countRefusal(filter: number, sign: 1 | -1): void {
    this.#refusals[filter] = (this.#refusals[filter] as number) + sign;
  }

  #leaf(labels: readonly string[]): Leaf {
    const path = labels.length === 0 ? "" : pathOf(labels);
    let leaf = this.#leaves.get(path);
    if (leaf !== undefined) return leaf;
    const branches = labels.map((_, at) => this.#branch(pathOf(labels.slice(0, at + 1))));
    leaf = { branches, fit: new IndexedHeap<Entry>(precedes) };
    this.#leaves.set(path, leaf);
    return leaf;
  }

  #branch(path: string): Branch {
    const branch = this.#branches.get(path) ?? { tasks: 0 };
    this.#branches.set(path, branch);
    return branch;
  }
}

/** No two lists of labels make the same path. */
function pathOf(labels: readonly string[]): string {
  return labels.map((label) => `${label.length}:${label}`).join("");
}

function isBetter(left: Leaf, right: Leaf): boolean {
  for (const [at, branch] of left.branches.entries()) {
    const difference = branch.tasks - (right.branches[at] as Branch).tasks;
    if (difference !== 0) return difference < 0;
  }
  return precedes(left.fit.peek() as Entry, right.fit.peek() as Entry);
}

function precedes(left: Entry, right: Entry): boolean {
  if (left.first !== right.first) return left.first < right.first;
  if (left.second !== right.second) return left.second < right.second;
  if (left.third !== right.third) return left.third < right.third;
  return left.id < right.id;
}

function newEntry(candidate: Candidate, node: Node, leaf: Leaf): Entry {
  const rank = { first: 0, second: 0, third: 0 };
  const { id } = candidate;
  return { id, ...rank, candidate, node, leaf, tasks: 0, refusedBy: -1, position: -1 };
}
