import type {
  Availability,
  ListedNode,
  ManagerStatus,
  Node,
  NodeCertificate,
  NodeDescription,
  NodeRole,
  NodeSpec,
  NodeState,
  NodeStatus,
  ProvenCertificate,
} from "../../core/model/node.ts";
import type { GenericResource } from "../../core/model/resources.ts";
import { flag, mapped, nullable, oneOf, optional, text, texts } from "./codec.ts";
import { record, table, tagged, union } from "./messages.ts";
import { labels, meta } from "./meta.ts";
import { timestamp, whole } from "./numbers.ts";
import { platform, resources } from "./task-spec.ts";

export const nodeRole = oneOf<NodeRole>("NodeRole", { manager: 1, worker: 2 });

const genericResource = union<GenericResource>("GenericResource", {
  discrete: { count: whole },
  named: { ids: texts },
});

/** Null is something else than none: a message of its own tells them apart. */
const plugins = mapped(
  record<{ names: readonly string[] }>("Plugins", { names: texts }),
  (names: readonly string[]) => ({ names }),
  ({ names }) => names,
);

export const description = record<NodeDescription>("NodeDescription", {
  hostname: text,
  resources,
  genericResources: table("GenericResourceOfKind", genericResource),
  platform,
  engineLabels: labels,
  plugins: nullable(plugins),
  engineVersion: optional(text),
  address: text,
  remoteApiPort: optional(whole),
  level: whole,
});

export const availability = oneOf<Availability>("Availability", { active: 1, pause: 2, drain: 3 });

export const nodeSpec = record<NodeSpec>("NodeSpec", {
  availability,
  labels,
  desiredRole: nodeRole,
});

const status = record<NodeStatus>("NodeStatus", {
  state: oneOf<NodeState>("NodeState", { unknown: 1, down: 2, ready: 3 }),
  message: text,
  downSince: nullable(timestamp),
});

const proven = record<ProvenCertificate>("ProvenCertificate", {
  serial: whole,
  issuer: text,
  notAfter: timestamp,
});

const nodeCertificate = record<NodeCertificate>("NodeCertificate", {
  issued: whole,
  goodUntil: timestamp,
  proven: nullable(proven),
  mustRenew: flag,
  lastAsManager: whole,
});

export const node = tagged<Node>("node", "Node", {
  id: text,
  meta,
  spec: nodeSpec,
  description,
  status,
  availableSince: timestamp,
  role: nodeRole,
  raftId: nullable(text),
  certificate: nullable(nodeCertificate),
});

const managerStatus = record<ManagerStatus>("ManagerStatus", {
  leader: flag,
  reachability: oneOf<ManagerStatus["reachability"]>("Reachability", {
    unknown: 1,
    unreachable: 2,
    reachable: 3,
  }),
});

interface NodeInList {
  readonly node: Node;
  readonly managerStatus: ManagerStatus | null;
}

export const listedNode = mapped(
  record<NodeInList>("ListedNode", { node, managerStatus: nullable(managerStatus) }),
  ({ managerStatus: asManager, ...rest }: ListedNode) => ({ node: rest, managerStatus: asManager }),
  ({ node: stored, managerStatus: asManager }) => ({ ...stored, managerStatus: asManager }),
);
