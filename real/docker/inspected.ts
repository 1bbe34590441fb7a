import { uptime } from "node:os";
import type Docker from "dockerode";
import type { HostPort } from "../../core/model/endpoint.ts";
import { patience, statusOf } from "./client.ts";
import { isOfThisBoot } from "./convert.ts";

/** What a container is at the moment. */
export interface Inspected {
  readonly running: boolean;
  readonly hasStarted: boolean;
  /** Of a container that has started and does not run any more. */
  readonly exitCode: number;
  /** None: the container has no health check. */
  readonly health: "none" | "starting" | "healthy" | "unhealthy";
  /** It ended when its machine went down, and not before. */
  readonly wentWithMachine: boolean;
  /** Names of the networks that it is attached to. */
  readonly networks: readonly string[];
  /** Where the machine answers for its ports; in the machine's own network they are their own. */
  readonly hostPorts: readonly HostPort[];
}

/** Null when there is no such container. Rejects when the engine can't say. */
export async function inspect(docker: Docker, id: string): Promise<Inspected | null> {
  try {
    return inspected(await docker.getContainer(id).inspect(patience()));
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw error;
  }
}

function inspected({
  State: state,
  Config: config,
  HostConfig,
  NetworkSettings,
}: Docker.ContainerInspectInfo): Inspected {
  const startedAt = Date.parse(state.StartedAt);
  const test = config.Healthcheck?.Test ?? [];
  const isChecked = test.length > 0 && test[0] !== "NONE";
  return {
    running: state.Running,
    hasStarted: startedAt > 0,
    exitCode: state.ExitCode,
    health: isChecked ? healthOf(state.Health?.Status) : "none",
    wentWithMachine: startedAt > 0 && !isOfThisBoot(config.Labels) && startedAt < bootedAt(),
    networks: Object.keys(NetworkSettings.Networks),
    hostPorts:
      HostConfig.NetworkMode === "host"
        ? Object.keys(config.ExposedPorts ?? {}).map((port) => hostPort(port, null))
        : Object.entries(NetworkSettings.Ports ?? {}).flatMap(boundTo),
  };
}

/** By the calendar, which may have jumped since. */
function bootedAt(): number {
  return Date.now() - uptime() * 1_000;
}

function healthOf(status: string | undefined): Inspected["health"] {
  return status === "healthy" || status === "unhealthy" ? status : "starting";
}

/** IPv4 and IPv6 may have got different numbers: that of IPv4 counts. */
function boundTo([port, bindings]: [string, PortBindings | null | undefined]): HostPort[] {
  const four = bindings?.filter(({ HostIp }) => !HostIp?.includes(":")) ?? [];
  const chosen = four.length > 0 ? four : (bindings ?? []);
  return chosen.map(({ HostPort: number }) => hostPort(port, Number(number)));
}

type PortBindings = readonly { readonly HostIp?: string; readonly HostPort: string }[];

/** `port` is `80/tcp`; `number` is null for its own. */
function hostPort(port: string, number: number | null): HostPort {
  const [target = "", protocol = "tcp"] = port.split("/");
  const targetPort = Number(target);
  return {
    protocol: protocol as HostPort["protocol"],
    targetPort,
    hostPort: number ?? targetPort,
  };
}
