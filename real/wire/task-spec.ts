import type { EndpointSpec, PortConfig } from "../../core/model/endpoint.ts";
import type {
  AttachedNetwork,
  IpamConfig,
  NetworkAttachment,
  NetworkSpec,
} from "../../core/model/network.ts";
import type { Platform } from "../../core/model/node.ts";
import type { Overlay } from "../../core/model/overlay.ts";
import type { Resources } from "../../core/model/resources.ts";
import type {
  Limits,
  LogDriver,
  Placement,
  RestartPolicy,
  Strategy,
  TaskSpec,
} from "../../core/model/task-spec.ts";
import { flag, list, nullable, oneOf, text, texts } from "./codec.ts";
import { containerSpec } from "./container-spec.ts";
import { record, table } from "./messages.ts";
import { labels } from "./meta.ts";
import { duration, integer, whole } from "./numbers.ts";

export const resources = record<Resources>("Resources", { nanoCpus: whole, memoryBytes: whole });

export const platform = record<Platform>("Platform", { os: text, architecture: text });

export const strategy = oneOf<Strategy>("Strategy", { spread: 1, binpack: 2 });

export const protocol = oneOf<PortConfig["protocol"]>("Protocol", { tcp: 1, udp: 2, sctp: 3 });

const port = record<PortConfig>("PortConfig", {
  name: text,
  protocol,
  targetPort: whole,
  publishedPort: whole,
  publishMode: oneOf<PortConfig["publishMode"]>("PublishMode", { ingress: 1, host: 2 }),
});

export const ports = list(port);

export const endpoint = record<EndpointSpec>("EndpointSpec", {
  mode: oneOf<EndpointSpec["mode"]>("EndpointMode", { vip: 1, dnsrr: 2 }),
  ports,
});

const limits = record<Limits>("Limits", { nanoCpus: whole, memoryBytes: whole, pids: whole });

const subnet = record<IpamConfig>("IpamConfig", { subnet: text, range: text, gateway: text });

export const networkSpec = record<NetworkSpec>("NetworkSpec", {
  name: text,
  labels,
  driver: text,
  options: labels,
  internal: flag,
  attachable: flag,
  enableIpv6: flag,
  subnets: list(subnet),
});

export const overlay = record<Overlay>("Overlay", {
  vni: whole,
  subnet: text,
  gateway: text,
  port: whole,
});

export const attachedNetworks = list(
  record<AttachedNetwork>("AttachedNetwork", {
    id: text,
    spec: networkSpec,
    overlay: nullable(overlay),
    address: text,
  }),
);

const attachment = record<NetworkAttachment>("NetworkAttachment", {
  target: text,
  aliases: texts,
  driverOptions: { ...labels, missing: () => undefined as never },
});

export const logDriver = record<LogDriver>("LogDriver", { name: text, options: labels });

const restart = record<RestartPolicy>("RestartPolicy", {
  condition: oneOf<RestartPolicy["condition"]>("RestartCondition", {
    none: 1,
    "on-failure": 2,
    any: 3,
  }),
  delay: duration,
  maxDelay: duration,
  maxAttempts: whole,
  window: duration,
});

const placement = record<Placement>("Placement", {
  constraints: texts,
  preferences: texts,
  maxReplicas: whole,
  platforms: list(platform),
  affinity: texts,
  antiAffinity: texts,
  strategy: nullable(strategy),
});

export const taskSpec = record<TaskSpec>("TaskSpec", {
  container: containerSpec,
  reservations: resources,
  limits,
  genericReservations: table("Count", whole),
  restart,
  placement,
  priority: integer,
  networks: list(attachment),
  logDriver: nullable(logDriver),
  forceUpdate: whole,
});
