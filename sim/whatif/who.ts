import type { Timestamp } from "../../core/base/time.ts";
import { meetsConstraints, parseConstraint } from "../../core/model/constraint.ts";
import { unstored } from "../../core/model/meta.ts";
import type { Node } from "../../core/model/node.ts";
import type { ExportedCluster, ExportedNode } from "../../core/observe/exported-cluster.ts";

/**
 * The nodes that a word means: a host name, an id, `leader`, or a constraint as services have it,
 * such as `engine.labels.rack==a`. Empty: it means none.
 */
export function nodesMeant({ nodes }: ExportedCluster, word: string): readonly ExportedNode[] {
  if (word === "leader") return nodes.filter(({ isLeader }) => isLeader);
  const parsed = parseConstraint(word);
  if ("key" in parsed) return nodes.filter((node) => meetsConstraints(asNode(node), [word]));
  const wanted = word.toLowerCase();
  return nodes.filter(({ id, hostname }) => id === word || hostname.toLowerCase() === wanted);
}

function asNode(exported: ExportedNode): Node {
  const { id, hostname, role, availability, labels, engineLabels } = exported;
  const { nanoCpus, memoryBytes, generic, platform, plugins, address } = exported;
  return {
    kind: "node",
    id,
    meta: unstored,
    spec: { availability, labels: new Map(Object.entries(labels)), desiredRole: role },
    description: {
      hostname,
      resources: { nanoCpus, memoryBytes },
      genericResources: new Map(Object.entries(generic)),
      platform,
      engineLabels: new Map(Object.entries(engineLabels)),
      plugins,
      address,
      level: 0,
    },
    status: { state: exported.state, message: "", downSince: null },
    availableSince: 0 as Timestamp,
    role,
    raftId: null,
    certificate: null,
  };
}
