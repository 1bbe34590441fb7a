import type Docker from "dockerode";
import { isPredefined, type NetworkAttachment } from "../../core/model/network.ts";
import { serviceNameOf, type Task } from "../../core/model/task.ts";
import { hostResolvers, isOnlyHere } from "../overlay/resolvers.ts";
import { macOf } from "../overlay/tunnel.ts";
import { engineReason, patience } from "./client.ts";
import type { Attachments, ContainerOwner, EngineAttachment, EngineEndpoint } from "./convert.ts";
import { engineNameOf } from "./engine-network.ts";

/** An engine asks no more of a container's nameservers than these (moby `maxExtDNS`). */
const nameserversMost = 3;

/**
 * Where a task is to be attached; `served` are the ids of overlays whose names are answered at the
 * gateway. In others and in bridges the engine answers, for its own containers. Throws when a
 * network is gone.
 */
export function attachmentsOf(
  task: Task,
  owner: ContainerOwner,
  served: ReadonlySet<string>,
): Attachments {
  const networks = task.spec.networks.map((attachment) => {
    const { target, aliases } = attachment;
    if (isPredefined(target)) return { name: target, endpoint: endpointOf(attachment, "", []) };
    const network = task.networks.find(({ id }) => id === target);
    if (network === undefined) throw new Error(`network ${target} is gone`);
    const names = served.has(target) ? [] : [...aliases, serviceNameOf(task)];
    const endpoint = endpointOf(attachment, network.address, names);
    return { name: engineNameOf(network, owner), endpoint };
  });
  return { networks, nameservers: nameserversOf(task, served) };
}

function endpointOf(
  { driverOptions = new Map() }: NetworkAttachment,
  address: string,
  names: string[],
): EngineEndpoint {
  return {
    ...(names.length === 0 ? {} : { Aliases: names }),
    ...(driverOptions.size === 0 ? {} : { DriverOpts: Object.fromEntries(driverOptions) }),
    ...(address === "" ? {} : { IPAMConfig: { IPv4Address: address }, MacAddress: macOf(address) }),
  };
}

/**
 * The gateways of its overlays go before those of its service, or else the machine's: what one
 * refuses, the engine asks the next. Each gateway answers for all overlays of the task where the
 * process behind it is the task's own, so that a second one has room, and a third has none.
 */
function nameserversOf({ spec, networks }: Task, served: ReadonlySet<string>): readonly string[] {
  const own = spec.container.dns.nameservers;
  const gateways = networks.flatMap(({ id, overlay }) =>
    overlay !== null && served.has(id) ? [overlay.gateway] : [],
  );
  if (gateways.length === 0) return own;
  const others = own.length > 0 ? own : hostResolvers().filter((each) => !isOnlyHere(each));
  const room = Math.max(1, nameserversMost - Math.max(1, own.length));
  return [...gateways.slice(0, room), ...others];
}

/** Attaches a container to these. Rejects with the engine's reason. */
export async function connectTo(
  docker: Docker,
  container: string,
  attachments: readonly EngineAttachment[],
): Promise<void> {
  for (const { name, endpoint } of attachments) {
    try {
      await docker.getNetwork(name).connect({
        Container: container,
        EndpointConfig: endpoint,
        ...patience(),
      });
    } catch (error) {
      if (!engineReason(error).includes("already exists in network")) throw error;
    }
  }
}
