import type Docker from "dockerode";
import type { Duration } from "../../core/base/time.ts";
import type { HealthConfig, Privileges, SeLinuxContext } from "../../core/model/container-spec.ts";
import type { PortConfig } from "../../core/model/endpoint.ts";
import { isIngress } from "../../core/model/ingress.ts";
import type { Mount } from "../../core/model/mount.ts";
import { logDriverOf, resourceVariables, serviceNameOf, type Task } from "../../core/model/task.ts";
import { dockerMount } from "../docker-api/map/mount.ts";
import type { PlacedFile } from "../memory-files.ts";
import { bootId } from "../process/proc.ts";

/** Whose containers they are: those of one node of one cluster. */
export interface ContainerOwner {
  readonly clusterId: string;
  readonly nodeId: string;
}

/** A network of the engine, and a task's place in it. */
export interface EngineAttachment {
  readonly name: string;
  readonly endpoint: EngineEndpoint;
}

/** As Docker has it; empty in a network of the engine's own. */
export interface EngineEndpoint {
  readonly Aliases?: string[];
  readonly IPAMConfig?: { readonly IPv4Address: string };
  /** Engines with an API before 1.44 make the same of the address by themselves. */
  readonly MacAddress?: string;
  /** For the network's driver. */
  readonly DriverOpts?: Readonly<Record<string, string>>;
}

/** How a task's container is attached. */
export interface Attachments {
  /** The first one first. */
  readonly networks: readonly EngineAttachment[];
  /** Whom it asks for names that the engine does not know. None: the engine chooses. */
  readonly nameservers: readonly string[];
}

/** The kernel's own, in which the processors' time is handed out. */
const periodUs = 100_000;

const nodeLabel = "com.docker.swarm.node.id";
const clusterLabel = "simswarm.cluster.id";
const taskLabel = "com.docker.swarm.task.id";
const bootLabel = "simswarm.boot.id";

/** What the containers of `owner` are found by. */
export function ownLabelsOf(owner: ContainerOwner): string[] {
  return [clusterLabelOf(owner), `${nodeLabel}=${owner.nodeId}`];
}

/** What whatever the cluster has on the engine is found by. */
export function clusterLabelOf({ clusterId }: ContainerOwner): string {
  return `${clusterLabel}=${clusterId}`;
}

/** True of what has the node's label. */
export function isOf(
  { nodeId }: ContainerOwner,
  labels: Readonly<Record<string, string>> = {},
): boolean {
  return labels[nodeLabel] === nodeId;
}

/** The task of a container with these labels; null: it is not one of ours. */
export function taskOf(labels: Readonly<Record<string, string>> | undefined): string | null {
  return labels?.[taskLabel] ?? null;
}

/** True of a container that was made since the machine was started. */
export function isOfThisBoot(labels: Readonly<Record<string, string>> = {}): boolean {
  return labels[bootLabel] === bootId();
}

/** `web.1.<id of the task>`, as Swarm calls it. */
export function containerName({ name, id }: Task): string {
  return `${name}.${id}`;
}

/** What Docker is asked to create (SwarmKit `swarmd/dockerexec/container.go`). */
export function createOptions(
  task: Task,
  owner: ContainerOwner,
  files: readonly PlacedFile[],
  { networks: [network], nameservers }: Attachments,
): Docker.ContainerCreateOptions {
  const { container } = task.spec;
  return {
    name: containerName(task),
    Image: container.image,
    ...unlessEmpty("Hostname", container.hostname),
    ...unlessEmpty("User", container.user),
    ...unlessEmpty("WorkingDir", container.dir),
    ...unlessEmpty("StopSignal", container.stopSignal),
    ...(container.command.length > 0 ? { Entrypoint: [...container.command] } : {}),
    ...(container.args.length > 0 ? { Cmd: [...container.args] } : {}),
    Env: [...container.env, ...resourceVariables(task).map(([name, value]) => `${name}=${value}`)],
    Tty: container.tty,
    OpenStdin: container.openStdin,
    Labels: labelsOf(task, owner),
    ExposedPorts: Object.fromEntries(task.ports.map((port) => [portName(port), {}])),
    ...(container.health === null ? {} : { Healthcheck: healthOf(container.health) }),
    HostConfig: {
      ...hostConfig(task, files),
      Dns: [...nameservers],
      NetworkMode: network?.name ?? "default",
    },
    ...(network === undefined || Object.keys(network.endpoint).length === 0
      ? {}
      : { NetworkingConfig: { EndpointsConfig: { [network.name]: network.endpoint } } }),
  };
}

function hostConfig(task: Task, files: readonly PlacedFile[]): Docker.HostConfig {
  const { container, limits } = task.spec;
  const logDriver = logDriverOf(task);
  return {
    PortBindings: bindingsOf(task.ports),
    Mounts: [...container.mounts.map(mountOf), ...files.map(fileMount)],
    ReadonlyRootfs: container.readOnly,
    ...(container.init === null ? {} : { Init: container.init }),
    CapAdd: [...container.capabilityAdd],
    CapDrop: [...container.capabilityDrop],
    GroupAdd: [...container.groups],
    DnsSearch: [...container.dns.search],
    DnsOptions: [...container.dns.options],
    ExtraHosts: container.hosts.flatMap(extraHosts),
    Sysctls: Object.fromEntries(container.sysctls),
    Ulimits: container.ulimits.map(({ name, soft, hard }) => ({
      Name: name,
      Soft: soft,
      Hard: hard,
    })),
    OomScoreAdj: container.oomScoreAdj ?? 0,
    SecurityOpt: securityOptions(container.privileges),
    ...processorLimit(limits.nanoCpus),
    Memory: limits.memoryBytes,
    ...(limits.pids === 0 ? {} : { PidsLimit: limits.pids }),
    ...(logDriver === null
      ? {}
      : { LogConfig: { Type: logDriver.name, Config: Object.fromEntries(logDriver.options) } }),
  };
}

/**
 * As a share of each period (moby `daemon/cluster/executor/container`): of `NanoCpus` an engine
 * refuses more than its machine has, and nodes are not all alike.
 */
function processorLimit(nanoCpus: number): Docker.HostConfig {
  if (nanoCpus === 0) return {};
  return { CpuPeriod: periodUs, CpuQuota: Math.floor((nanoCpus * periodUs) / 1_000_000_000) };
}

/** As dockerd has them (moby `daemon/cluster/executor/container`, `applyPrivileges`). */
function securityOptions(privileges: Privileges | undefined): string[] {
  if (privileges === undefined) return [];
  const { noNewPrivileges, seccompMode, seccompProfile, appArmorMode, seLinux } = privileges;
  const profile = Buffer.from(seccompProfile, "base64").toString("utf8");
  return [
    ...(seLinux === null ? [] : seLinuxOptions(seLinux)),
    ...(seccompMode === "unconfined" ? ["seccomp=unconfined"] : []),
    ...(seccompMode === "custom" ? [`seccomp=${profile}`] : []),
    ...(appArmorMode === "disabled" ? ["apparmor=unconfined"] : []),
    ...(noNewPrivileges ? ["no-new-privileges=true"] : []),
  ];
}

function seLinuxOptions({ disable, ...parts }: SeLinuxContext): string[] {
  const said = Object.entries(parts).filter(([, value]) => value !== "");
  const label = said.map(([name, value]) => `label=${name}:${value}`);
  return disable ? ["label=disable", ...label] : label;
}

function labelsOf(task: Task, { clusterId, nodeId }: ContainerOwner): Record<string, string> {
  return {
    ...Object.fromEntries(task.spec.container.labels),
    [clusterLabel]: clusterId,
    [nodeLabel]: nodeId,
    [taskLabel]: task.id,
    [bootLabel]: bootId(),
    "com.docker.swarm.task": "",
    "com.docker.swarm.task.name": containerName(task),
    "com.docker.swarm.service.id": task.serviceId,
    "com.docker.swarm.service.name": serviceNameOf(task),
  };
}

/** A volume of the cluster is one of the engine's, on the node that has it. */
function mountOf(mount: Mount): Docker.MountSettings {
  const Type = mount.kind === "cluster" ? "volume" : mount.kind;
  return { ...dockerMount(mount), Type } as Docker.MountSettings;
}

function fileMount({ source, target }: PlacedFile): Docker.MountSettings {
  return { Type: "bind", Source: source, Target: target, ReadOnly: true };
}

/**
 * A port on hosts gets its number; one on every node gets any that is free, which the nodes carry
 * connections to, unless one on hosts leads there already.
 */
function bindingsOf(ports: readonly PortConfig[]): Docker.PortMap {
  const bindings: Docker.PortMap = {};
  const add = (port: PortConfig, HostPort: string) => {
    bindings[portName(port)] = [...(bindings[portName(port)] ?? []), { HostIp: "", HostPort }];
  };
  for (const port of ports.filter(({ publishMode }) => publishMode === "host")) {
    add(port, port.publishedPort === 0 ? "" : String(port.publishedPort));
  }
  for (const port of ports.filter(isIngress)) {
    if (bindings[portName(port)] === undefined) add(port, "");
  }
  return bindings;
}

function portName({ targetPort, protocol }: PortConfig): string {
  return `${targetPort}/${protocol}`;
}

/** `address name alias` becomes `name:address` and `alias:address`. */
function extraHosts(line: string): string[] {
  const [address, ...names] = line.trim().split(/\s+/);
  return names.map((name) => `${name}:${address}`);
}

function healthOf(health: HealthConfig): Docker.HealthConfig {
  return {
    Test: [...health.test],
    Interval: nanos(health.interval),
    Timeout: nanos(health.timeout),
    Retries: health.retries,
    StartPeriod: nanos(health.startPeriod),
    ...(health.startInterval === undefined ? {} : { StartInterval: nanos(health.startInterval) }),
  };
}

function nanos(span: Duration): number {
  return span * 1_000;
}

function unlessEmpty(name: string, value: string): Record<string, string> {
  return value === "" ? {} : { [name]: value };
}
