import { limits } from "../base/limits.ts";
import { isRunning, type Slot } from "./slot.ts";

/** With one more than an entry has room for it is known that something is left to do. */
const numbersMost = limits.changesPerEntry + 1;

/** The `count` lowest slot numbers, from 1, that are not in use; no more than fill an entry. */
export function freeNumbers(used: ReadonlySet<number>, count: number): number[] {
  const free: number[] = [];
  for (let number = 1; free.length < Math.min(count, numbersMost); number += 1) {
    if (!used.has(number)) free.push(number);
  }
  return free;
}

/**
 * Divides slots into the `wanted` to keep and the surplus to remove, so that the fullest nodes
 * give up theirs first (SwarmKit `replicated/services.go`). Each slot is numbered as the n-th copy
 * on its node, running ones first; the lowest numbers stay. A slot without a node goes first.
 */
export function divide(
  slots: readonly Slot[],
  wanted: number,
): { keep: readonly Slot[]; surplus: readonly Slot[] } {
  if (slots.length <= wanted) return { keep: slots, surplus: [] };
  const copies = new Map<string, number>();
  const ranked = [...slots].sort(runningFirst).map((slot) => ({ slot, rank: rank(slot, copies) }));
  ranked.sort((left, right) => left.rank - right.rank || runningFirst(left.slot, right.slot));
  const ordered = ranked.map((entry) => entry.slot);
  const keep = ordered.slice(0, wanted).sort((left, right) => left.number - right.number);
  return { keep, surplus: ordered.slice(wanted) };
}

function rank(slot: Slot, copies: Map<string, number>): number {
  const node = slot.wanted[0]?.nodeId ?? null;
  if (node === null) return Number.MAX_SAFE_INTEGER;
  const copy = copies.get(node) ?? 0;
  copies.set(node, copy + 1);
  return copy;
}

function runningFirst(left: Slot, right: Slot): number {
  return Number(hasRunning(right)) - Number(hasRunning(left)) || left.number - right.number;
}

function hasRunning(slot: Slot): boolean {
  return slot.wanted.some(isRunning);
}
