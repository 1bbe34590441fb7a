import type { Random } from "../../core/base/random.ts";
import { isJob, type Service } from "../../core/model/service.ts";
import type { Command } from "../scenario/dsl.ts";
import type { PortPlan, ServicePlan } from "../scenario/service-words.ts";
import { about, percent } from "./drawn-commands.ts";
import { drawService, type Surroundings } from "./drawn-service.ts";
import { replicasMost } from "./operator.ts";

/** What users do who want more than there is, of what there is only so much. */

/** Ports of machines that services share. */
const sharedPorts = [9500, 9501] as const;
/** Networks whose subnets the cluster chooses: more than its pool may have. */
const poolNetworks = ["pool-1", "pool-2", "pool-3", "pool-4", "pool-5"] as const;

/** All of it: `own` draws a service of theirs, if there is any. */
export function scarceDraws(
  random: Random,
  own: () => Service | undefined,
  around: () => Surroundings,
): (() => readonly Command[])[] {
  return [
    () => about(own(), (found) => drawSharedPorts(random, found)),
    () => about(own(), (found) => drawSharedPorts(random, found)),
    () => about(own(), (found) => drawReach(random, found)),
    () => [drawPoolNetwork(random)],
    () => about(own(), (found) => drawCrowd(random, found)),
    () => about(own(), (found) => drawNextTenant(random, around(), found)),
  ];
}

/** A port or two on the machines of its tasks, which others want as well. */
function drawSharedPorts(random: Random, { spec }: Service): Command[] {
  const ports = random
    .shuffled(sharedPorts)
    .slice(0, random.between(1, 2))
    .map((published): PortPlan => {
      const protocol = random.pick(["tcp", "tcp", "udp"] as const);
      return { target: 80, published, protocol, mode: "host" };
    });
  const order = random.pick(["start-first", "stop-first"] as const);
  const change: Partial<ServicePlan> = { ports, ...(isJob(spec) ? {} : { update: { order } }) };
  return [{ do: "update", service: spec.name, change }];
}

/** By one address or by those of all its tasks; a port on every node goes with the first only. */
function drawReach(random: Random, { spec }: Service): Command[] {
  const service = spec.name;
  const ingress: PortPlan = { target: 80 };
  const host: PortPlan = { target: 80, mode: "host" };
  const change = random.pick<Partial<ServicePlan>>([
    { endpointMode: "dnsrr" },
    { endpointMode: "vip" },
    { endpointMode: "dnsrr", ports: [] },
    { endpointMode: "dnsrr", ports: [host] },
    { endpointMode: "vip", ports: [ingress] },
    { ports: [ingress] },
  ]);
  return [{ do: "update", service, change }];
}

function drawPoolNetwork(random: Random): Command {
  const name = random.pick(poolNetworks);
  if (percent(random, 35)) return { do: "remove-network", name };
  return { do: "create-network", name, driver: "overlay" };
}

/** More tasks than a small network has addresses for. */
function drawCrowd(random: Random, { spec }: Service): Command[] {
  const service = spec.name;
  const networks = random.shuffled(poolNetworks).slice(0, random.between(1, 2));
  return [
    { do: "update", service, change: { networks } },
    { do: "scale", service, replicas: random.between(2, replicasMost) },
  ];
}

/** The service goes, its network while tasks of it still run, and the next ones come at once. */
function drawNextTenant(
  random: Random,
  around: Surroundings,
  { spec: { name: service } }: Service,
): Command[] {
  const [old, next] = random.shuffled(poolNetworks) as [string, string];
  return [
    { do: "create-network", name: old, driver: "overlay" },
    { do: "update", service, change: { networks: [old], stopGracePeriod: "10s" } },
    { do: "remove", service },
    { do: "remove-network", name: old },
    { do: "create-network", name: next, driver: "overlay" },
    { do: "create", service: { ...drawService(random, around, service), networks: [next] } },
  ];
}
