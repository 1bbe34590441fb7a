import { z } from "zod";
import { ingress, type Network, type NetworkSpec } from "../../../core/model/network.ts";
import { ApiError } from "../routes.ts";
import {
  dockerObject,
  flag,
  labels,
  lean,
  mapOf,
  momentText,
  parsed,
  text,
  wordOf,
} from "./schema.ts";

const network = dockerObject({
  Name: text,
  CheckDuplicate: flag,
  Driver: text,
  Scope: text,
  Internal: flag,
  Attachable: flag,
  EnableIPv4: flag,
  EnableIPv6: flag,
  IPAM: dockerObject({
    Driver: text,
    Config: z.array(dockerObject({ Subnet: text, IPRange: text, Gateway: text })).optional(),
  }).optional(),
  Options: labels,
  Labels: labels,
});

/** Throws an `ApiError` that names what can't be had. */
export function networkSpecOf(body: unknown): NetworkSpec {
  const docker = parsed(network, body);
  const { Name = "", Driver, Scope, EnableIPv4 = true, IPAM, Options = {} } = docker;
  const own = `Scope "${Scope}" is not supported by this cluster: make it on the node's own engine`;
  wordOf(Scope, ["swarm"], "swarm", own);
  const refused = `Driver "${Driver}" is not supported by this cluster: there is overlay or bridge`;
  const driver = wordOf(Driver, ["overlay", "bridge", "default"], "overlay", refused);
  wordOf(IPAM?.Driver, ["default"], "default", `IPAM.Driver "${IPAM?.Driver}" is not supported`);
  if (!EnableIPv4) throw new ApiError(400, "a network without IPv4 is not supported");
  return {
    name: Name,
    labels: mapOf(docker.Labels),
    driver: driver === "default" ? "overlay" : driver,
    options: mapOf(Options),
    internal: docker.Internal ?? false,
    attachable: docker.Attachable ?? false,
    enableIpv6: docker.EnableIPv6 ?? false,
    subnets: (IPAM?.Config ?? []).map(({ Subnet = "", IPRange = "", Gateway = "" }) => {
      return { subnet: Subnet, range: IPRange, gateway: Gateway };
    }),
  };
}

/** Also what an engine is asked to give a network. */
export function dockerIpam({ subnets }: Pick<NetworkSpec, "subnets">) {
  return {
    Driver: "default",
    Config: subnets.map(({ subnet, range, gateway }) =>
      lean({ Subnet: subnet, IPRange: range, Gateway: gateway }),
    ),
  };
}

/** A network as Docker shows it; of a task's the rest is not known. */
export function shownNetwork(
  network: Pick<Network, "id" | "spec"> & Partial<Network>,
): ShownNetwork {
  const { id, spec, meta } = network;
  return {
    Name: spec.name,
    Id: id,
    Created: momentText(meta?.createdAt ?? 0),
    Scope: "swarm",
    Driver: spec.driver,
    ...never,
    EnableIPv6: spec.enableIpv6,
    IPAM: { Options: null, ...dockerIpam(spec) },
    Internal: spec.internal,
    Attachable: spec.attachable,
    Ingress: false,
    Options: Object.fromEntries(spec.options),
    Labels: Object.fromEntries(spec.labels),
  };
}

export interface ShownNetwork {
  readonly Name: string;
  readonly Id: string;
  readonly Created: string;
  readonly Scope: "local" | "swarm";
  readonly Driver: string;
  readonly EnableIPv6: boolean;
  readonly IPAM: object;
  readonly Internal: boolean;
  readonly Attachable: boolean;
  readonly Ingress: boolean;
  readonly Options: Readonly<Record<string, string>>;
  readonly Labels: Readonly<Record<string, string>>;
}

/** What a network of ours never has. */
const never = {
  EnableIPv4: true,
  ConfigFrom: { Network: "" },
  ConfigOnly: false,
  Containers: {},
} as const;

/**
 * What is there without being created. Tasks can join `bridge` and `host`, so that Docker counts
 * them as the swarm's; `none` is each engine's own (SwarmKit `PredefinedNetworks`).
 */
export function predefinedNetworks(): ShownNetwork[] {
  return [
    builtIn("bridge", "bridge", "swarm"),
    builtIn("host", "host", "swarm"),
    builtIn(ingress, "overlay", "swarm"),
    builtIn("none", "null", "local"),
  ];
}

function builtIn(Name: string, Driver: string, Scope: "local" | "swarm"): ShownNetwork {
  return {
    Name,
    Id: Name,
    Created: momentText(0),
    Scope,
    Driver,
    ...never,
    EnableIPv6: false,
    IPAM: { Driver: "default", Options: null, Config: [] },
    Internal: false,
    Attachable: false,
    Ingress: Name === ingress,
    Options: {},
    Labels: {},
  };
}
