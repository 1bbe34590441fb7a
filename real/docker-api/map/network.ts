import { z } from "zod";
import {
  type AttachedNetwork,
  type IpamConfig,
  ingress,
  type Network,
  type NetworkSpec,
} from "../../../core/model/network.ts";
import { vniOption } from "../../../core/model/overlay.ts";
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

/** A network as Docker shows it. */
export function shownNetwork(network: Network): ShownNetwork {
  const { id, spec, meta } = network;
  return {
    Name: spec.name,
    Id: id,
    Created: momentText(meta.createdAt),
    Scope: "swarm",
    Driver: spec.driver,
    ...never,
    EnableIPv6: spec.enableIpv6,
    IPAM: { Options: null, ...dockerIpam({ subnets: subnetsOf(network) }) },
    Internal: spec.internal,
    Attachable: spec.attachable,
    Ingress: false,
    Options: optionsOf(network),
    Labels: Object.fromEntries(spec.labels),
  };
}

/** A task's place in a network (Docker's `NetworkAttachment`). */
export function dockerAttachment(network: AttachedNetwork): object {
  const { id, spec, overlay, address } = network;
  const prefix = overlay?.subnet.split("/")[1];
  return {
    Network: {
      ID: id,
      Spec: {
        Name: spec.name,
        Labels: Object.fromEntries(spec.labels),
        DriverConfiguration: { Name: spec.driver, Options: Object.fromEntries(spec.options) },
        ...lean({ IPv6Enabled: spec.enableIpv6, Internal: spec.internal }),
        ...lean({ Attachable: spec.attachable }),
        Scope: "swarm",
      },
      DriverState: { Name: spec.driver, Options: optionsOf(network) },
      IPAMOptions: {
        Driver: { Name: "default" },
        Configs: dockerIpam({ subnets: subnetsOf(network) }).Config,
      },
    },
    Addresses: address === "" ? [] : [`${address}/${prefix}`],
  };
}

/** As the user gave them, or as the cluster has chosen. */
function subnetsOf({ spec, overlay }: Pick<Network, "spec" | "overlay">): readonly IpamConfig[] {
  if (overlay === null) return spec.subnets;
  const { subnet, gateway } = overlay;
  return [{ subnet, range: spec.subnets[0]?.range ?? "", gateway }];
}

function optionsOf({ spec, overlay }: Pick<Network, "spec" | "overlay">): Record<string, string> {
  const options = Object.fromEntries(spec.options);
  return overlay === null ? options : { ...options, [vniOption]: String(overlay.vni) };
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
 * What is there without being created. `bridge` and `host` are each engine's own, and the swarm's
 * to those who ask for that `scope`, since tasks can join them (SwarmKit `PredefinedNetworks`).
 */
export function predefinedNetworks(scope: "local" | "swarm"): ShownNetwork[] {
  return [
    builtIn("bridge", "bridge", scope),
    builtIn("host", "host", scope),
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
