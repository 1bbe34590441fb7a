import type { ClusterCa, SigningRoot } from "../model/certificate.ts";
import type { ClusterSpec } from "../model/cluster.ts";
import { authoritiesFor, hasKey } from "../model/external-ca.ts";

/** Host, port and path; certificates are never asked for in plain text (as in SwarmKit). */
const secureUrl = /^https:\/\/[^\s/?#]+(?:[/?#]\S*)?$/;

/** Why authorities outside can't be such, or null. */
export function externalCasProblem({
  externalCas,
}: Pick<ClusterSpec, "externalCas">): string | null {
  const known = new Set<string>();
  for (const { url, root } of externalCas) {
    if (!secureUrl.test(url)) {
      return `invalid external CA URL: "${url}": it must be https://HOST:PORT/PATH`;
    }
    const name = `${root?.digest ?? ""} ${url}`;
    if (known.has(name)) return `external CA ${url} is named twice`;
    known.add(name);
  }
  return null;
}

/** Why certificates of the cluster's roots could not be had any more, or null. */
export function unsignedProblem(ca: ClusterCa, spec: ClusterSpec): string | null {
  const next = ca.rotation?.root ?? null;
  const roots: [string, SigningRoot | null][] = [
    ["current", ca.root],
    ["next", next],
  ];
  for (const [what, root] of roots) {
    if (root !== null && !isSigned(root, ca, spec)) return unsigned(what);
  }
  return null;
}

export function isSigned(root: SigningRoot, ca: ClusterCa, spec: ClusterSpec): boolean {
  return hasKey(root) || authoritiesFor(root, { ca, spec }).length > 0;
}

/** The words are SwarmKit's; whether an authority answers is seen when one is asked. */
export function unsigned(what: string): string {
  const root = `the ${what} CA certificate`;
  return `there must be at least one valid, reachable external CA corresponding to ${root}`;
}
