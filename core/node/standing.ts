import { isNewer, isSameStanding, type Standing } from "../model/standing.ts";
import type { NodeConfig } from "./config.ts";

/** The place of a node that no leader has told it yet. */
export function firstStanding({ id, managers }: NodeConfig): Standing {
  const memberId = managers.includes(id) ? id : null;
  return { incarnation: 0, version: 0, memberId, managers, founders: managers };
}

/** What the node's place is after `order`; null when that changes nothing. */
export function obeyed(own: Standing, order: Standing): Standing | null {
  return isNewer(own, order) || isSameStanding(own, order) ? null : order;
}

/** The place of a node that has heard of a newer incarnation: it may have to be promoted again. */
export function superseded(
  own: Standing,
  incarnation: number,
  managers: readonly string[],
): Standing {
  const { founders } = own;
  return { incarnation, version: 0, memberId: null, managers, founders };
}
