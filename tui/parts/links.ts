import { connectedGroups } from "../../core/observe/connected.ts";
import type { ClusterFrame, LinkFrame } from "../../core/observe/frame.ts";

/** What of the network is broken. */
export interface Links {
  /** Nodes that reach one another, maybe by way of others; one group while nobody is cut off. */
  readonly groups: readonly (readonly string[])[];
  /** Cut links within a group, each once; `oneWay`: the way back is open. */
  readonly single: readonly (LinkFrame & { readonly oneWay: boolean })[];
}

export function linksOf({ nodes, cuts }: Pick<ClusterFrame, "nodes" | "cuts">): Links {
  const ids = nodes.map(({ id }) => id);
  if (cuts.length === 0) return { groups: [ids], single: [] };
  const cutFrom = new Map<string, Set<string>>();
  for (const { from, to } of cuts) {
    cutFrom.set(from, (cutFrom.get(from) ?? new Set()).add(to));
  }
  const isCut = (from: string, to: string) => cutFrom.get(from)?.has(to) ?? false;
  const groups = connectedGroups(ids, (one, other) => !isCut(one, other) && !isCut(other, one));
  const groupOf = new Map(groups.flatMap((group, at) => group.map((id) => [id, at] as const)));
  const single = cuts
    .filter(({ from, to }) => groupOf.get(from) === groupOf.get(to))
    .map((link) => ({ ...link, oneWay: !isCut(link.to, link.from) }))
    .filter(({ from, to, oneWay }) => oneWay || from < to);
  return { groups, single };
}
