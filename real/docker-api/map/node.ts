import { type ListedNode, type NodeSpec, remoteApiOf } from "../../../core/model/node.ts";
import type { GenericResource } from "../../../core/model/resources.ts";
import { dockerMeta } from "./meta.ts";
import { dockerObject, labels, lean, mapOf, parsed, saidWord, text } from "./schema.ts";

const node = dockerObject({ Name: text, Labels: labels, Role: text, Availability: text });

const roles = ["worker", "manager"] as const;
const availabilities = ["active", "pause", "drain"] as const;

/**
 * Role and availability may be in any case; both must be said, so that no node is changed unasked.
 * Throws an `ApiError` that names what can't be had.
 */
export function nodeSpecOf(body: unknown): NodeSpec {
  const { Labels, Role = "", Availability = "" } = parsed(node, body);
  return {
    labels: mapOf(Labels),
    desiredRole: saidWord(Role.toLowerCase(), roles, `invalid Role: "${Role}"`),
    availability: saidWord(
      Availability.toLowerCase(),
      availabilities,
      `invalid Availability: "${Availability}"`,
    ),
  };
}

/**
 * A node as Docker shows it. `tlsOf` gives Docker's `TLSInfo` of a node whose certificate is by
 * this root; null: it has shown none.
 */
export function shownNode(listed: ListedNode, tlsOf: (issuer: string | null) => object): object {
  const { id, spec, description, status, certificate } = listed;
  return {
    ID: id,
    ...dockerMeta(listed),
    Spec: {
      Labels: Object.fromEntries(spec.labels),
      Role: spec.desiredRole,
      Availability: spec.availability,
    },
    Description: {
      Hostname: description.hostname,
      Platform: {
        Architecture: description.platform.architecture,
        OS: description.platform.os,
      },
      Resources: {
        NanoCPUs: description.resources.nanoCpus,
        MemoryBytes: description.resources.memoryBytes,
        ...lean({ GenericResources: dockerGeneric(description.genericResources) }),
      },
      Engine: lean({
        EngineVersion: description.engineVersion ?? "",
        Labels: Object.fromEntries(description.engineLabels),
        Plugins: (description.plugins ?? []).map(pluginOf),
      }),
      TLSInfo: tlsOf(certificate?.proven?.issuer ?? null),
    },
    Status: {
      State: status.state,
      ...lean({ Message: status.message }),
      Addr: description.address,
    },
    ...managerStatus(listed),
  };
}

function managerStatus({ description, managerStatus: status }: ListedNode) {
  if (status === null) return {};
  return {
    ManagerStatus: {
      ...lean({ Leader: status.leader }),
      Reachability: status.reachability,
      Addr: remoteApiOf(description),
    },
  };
}

/** `Volume/local`. */
function pluginOf(text: string): object {
  const at = text.indexOf("/");
  return { Type: text.slice(0, at), Name: text.slice(at + 1) };
}

function dockerGeneric(resources: ReadonlyMap<string, GenericResource>): object[] {
  return [...resources].flatMap(([Kind, resource]): object[] =>
    resource.kind === "discrete"
      ? [{ DiscreteResourceSpec: { Kind, Value: resource.count } }]
      : resource.ids.map((Value) => ({ NamedResourceSpec: { Kind, Value } })),
  );
}
