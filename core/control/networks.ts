import { newId } from "../base/id.ts";
import type { Planted } from "../base/planted.ts";
import type { Random } from "../base/random.ts";
import { isWithin, parseAddress, parseSubnet } from "../model/ip-address.ts";
import { unstored } from "../model/meta.ts";
import {
  type IpamConfig,
  ingress,
  isPredefined,
  type Network,
  type NetworkAttachment,
  type NetworkSpec,
} from "../model/network.ts";
import { invalidArgument, isRejection, type Rejection, rejection } from "../model/rejection.ts";
import type { ServiceSpec } from "../model/service.ts";
import type { StoreView } from "../store/view.ts";
import { creating, type Decided, inUse, nameTaken, notFound, removing } from "./decided.ts";
import { overlayFor } from "./overlays.ts";

/** Each letter fits in one way only: what does not fit is known at once, whatever its length. */
const namePattern = /^[a-zA-Z0-9](?:[-_.]*[A-Za-z0-9])*$/;
const nameLengthMost = 63;

export function createNetwork(
  view: StoreView,
  spec: NetworkSpec,
  random: Random,
  planted: Planted,
): Decided | Rejection {
  const problem = nameProblem(spec.name) ?? subnetsProblem(spec.subnets);
  if (problem !== null) return invalidArgument(problem);
  if (isPredefined(spec.name) || spec.name === ingress) {
    return rejection("AlreadyExists", `network ${spec.name} is predefined: choose another name`);
  }
  const taken = nameTaken(view, "network", spec.name);
  if (taken !== null) return taken;
  const overlay = overlayFor(view, spec, planted);
  if (overlay !== null && isRejection(overlay)) return overlay;
  const id = newId(random);
  const object: Network = { kind: "network", id, meta: unstored, spec, overlay };
  return creating(object);
}

/** In Docker's words where it has any. */
function subnetsProblem(subnets: readonly IpamConfig[]): string | null {
  for (const { subnet, range, gateway } of subnets) {
    if (subnet === "") return "a subnet must be given with its range and gateway";
    const whole = parseSubnet(subnet);
    if (whole === null) return `invalid subnet ${subnet}: invalid CIDR block notation`;
    const part = range === "" ? whole : parseSubnet(range);
    if (part === null) return `invalid ip-range ${range}: invalid CIDR block notation`;
    if (!isWithin(whole, part.address)) return `ip-range ${range} is not in the subnet ${subnet}`;
    const address = gateway === "" ? whole.address : parseAddress(gateway);
    if (address === null) return `invalid gateway address: ${gateway}`;
    if (!isWithin(whole, address)) return `gateway ${gateway} is not in the subnet ${subnet}`;
  }
  return null;
}

/** Refused while a service is attached to it, or may be rolled back to where it was. */
export function removeNetwork(view: StoreView, id: string, planted: Planted): Decided | Rejection {
  if (isPredefined(id) || id === ingress) {
    return rejection("FailedPrecondition", `network ${id} is predefined and can't be removed`);
  }
  const network = view.networks.get(id);
  if (network === undefined) return notFound("network", id);
  const used = inUse(view, `network '${network.spec.name}'`, ({ task }) =>
    task.networks.some(({ target }) => target === id),
  );
  if (used !== null && planted !== "C02") return rejection("FailedPrecondition", used);
  return removing(network);
}

/** The spec with ids in place of the names of networks (Docker `populateNetworkID`). */
export function withNetworkIds(view: StoreView, spec: ServiceSpec): ServiceSpec {
  const { networks } = spec.task;
  if (networks.length === 0) return spec;
  const withId = (attachment: NetworkAttachment) => {
    const named = view.named("network", attachment.target);
    return named === undefined ? attachment : { ...attachment, target: named.id };
  };
  return { ...spec, task: { ...spec.task, networks: networks.map(withId) } };
}

/** Why a service can't be attached to the networks that it names, or null. */
export function networkProblem(view: StoreView, { task }: ServiceSpec): Rejection | null {
  const targets = new Set<string>();
  for (const { target } of task.networks) {
    if (targets.has(target)) return invalidArgument(`network ${target} is named twice`);
    targets.add(target);
    if (target === ingress) {
      return invalidArgument(
        `Service cannot be explicitly attached to the ingress network "${ingress}"`,
      );
    }
    if (isPredefined(target) || view.networks.has(target)) continue;
    return rejection("NotFound", `network ${target} not found`);
  }
  return null;
}

function nameProblem(name: string): string | null {
  if (name === "") return "meta: name must be provided";
  if (name.length > nameLengthMost) return "name must be 63 characters or fewer";
  return namePattern.test(name) ? null : "name must be valid as a DNS name component";
}
