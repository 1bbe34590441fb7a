import type { Command } from "commander";
import type { PortConfig } from "../../../core/model/endpoint.ts";
import type { Service, ServiceSpec } from "../../../core/model/service.ts";
import { serviceSpec } from "../../../core/model/service-defaults.ts";
import { type ServiceStatus, serviceStatuses } from "../../../core/observe/service-status.ts";
import { countOf } from "../../command-line/units.ts";
import { serviceNamed } from "../find.ts";
import {
  type Inspecting,
  inspecting,
  type Listing,
  listing,
  removal,
  taskListing,
} from "../listing.ts";
import { specWith, withSpecOptions } from "../options/service-options.ts";
import type { Known } from "../options/service-words.ts";
import { inContainer } from "../options/spec-option.ts";
import { portsText as dockerPorts, type View } from "../output.ts";
import { follow } from "../progress.ts";
import { registryAuthFor } from "../registry-auth.ts";
import type { Run } from "../run.ts";
import type { Session } from "../session.ts";
import { logsCommand } from "./logs.ts";
import { ordered, taskView } from "./task.ts";

type Options = Readonly<Record<string, unknown>>;

const withAuthHelp = "give the nodes what 'docker login' has kept for the image's registry";

export function serviceCommands(program: Command, run: Run): void {
  const service = program.command("service").description("services and their tasks");
  withSpecOptions(service.command("create"), "create")
    .description("create a service")
    .requiredOption("--name <name>", "unique in the cluster")
    .option("--with-registry-auth", withAuthHelp)
    .option("--wait", "return when it runs as wanted")
    .action(run(create));
  withSpecOptions(service.command("update <service>"), "update")
    .description("change a service; lists that are named replace those there were")
    .option("--force", "replace the tasks though nothing of them has changed")
    .option("--rollback", "go back to the spec before")
    .option("--with-registry-auth", withAuthHelp)
    .option("--no-wait", "return at once, and do not show the update as it goes on")
    .action(run(update));
  listing(service, "list services").action(run(list));
  inspecting(service, "service").action(run(inspect));
  taskListing(service, "<service>", "the tasks of a service").action(run(ps));
  service
    .command("scale <service=count...>")
    .description("change how many tasks services have")
    .option("--wait", "return when they run")
    .action(run(scale));
  service
    .command("rollback <service>")
    .description("go back to the spec before the last update")
    .option("--no-wait", "return at once")
    .action(run(rollback));
  service
    .command("rebalance <service...>")
    .description("move some of their tasks to nodes that have less to do, once")
    .action(run(rebalance));
  const found = ({ client }: Session, name: string) => serviceNamed(client, name);
  removal(service, run, "service", found, "remove services with their tasks");
  logsCommand(service, run, ["service"]);
}

async function create(session: Session, options: Options): Promise<void> {
  const { name, wait, image } = options as { name: string; wait?: boolean; image?: string };
  if (image === undefined) throw new Error("say what to run: --image IMAGE");
  const spec = await asked(session, serviceSpec(name, image, 1), options);
  session.print(`${await session.client.command({ kind: "create-service", spec })}\n`);
  if (wait === true) await follow(session, name);
}

async function update(session: Session, name: string, options: Options): Promise<void> {
  const { force, wait, rollback: back } = options;
  if (back === true) return rollback(session, name, options);
  let fullName = name;
  const changedId = await session.change(async () => {
    const found = await serviceNamed(session.client, name);
    const { id, meta } = found;
    fullName = found.spec.name;
    const changed = await asked(session, found.spec, options);
    const { task } = changed;
    const forced = { ...changed, task: { ...task, forceUpdate: task.forceUpdate + 1 } };
    const spec = force === true ? forced : changed;
    return { kind: "update-service", id, version: meta.version, spec };
  });
  if (wait !== true) return session.print(`${changedId}\n`);
  await follow(session, fullName);
}

/** `spec` with what the options say. */
async function asked(session: Session, spec: ServiceSpec, options: Options): Promise<ServiceSpec> {
  const changed = specWith(spec, options, await knownFor(session, options));
  if (options.withRegistryAuth !== true) return changed;
  const { image } = changed.task.container;
  const { env, err } = session.surroundings;
  const { registry, path, header } = registryAuthFor(image, env);
  if (header !== null) return inContainer(changed, { registryAuth: header });
  err(`no credentials for ${registry} in ${path}: 'docker login ${registry}' keeps them there\n`);
  return changed;
}

async function rollback(session: Session, name: string, { wait }: Options): Promise<void> {
  const { id, meta, spec } = await serviceNamed(session.client, name);
  await session.client.command({ kind: "rollback-service", id, version: meta.version });
  if (wait === true) await follow(session, spec.name);
  else session.print(`${id}\n`);
}

async function scale(session: Session, words: readonly string[], options: Options): Promise<void> {
  for (const each of words) {
    const [, name = "", count] = /^([^=]*)=([^=]*)$/.exec(each) ?? [];
    if (count === undefined) throw new Error(`'${each}' says no count: write ${each}=3`);
    let fullName = name;
    await session.change(async () => {
      const found = await serviceNamed(session.client, name);
      const { id, meta } = found;
      fullName = found.spec.name;
      const spec = specWith(found.spec, { replicas: countOf(count) }, nothing);
      return { kind: "update-service", id, version: meta.version, spec };
    });
    session.print(`${fullName} scaled to ${count}\n`);
    if (options.wait === true) await follow(session, fullName);
  }
}

function rebalance(session: Session, names: readonly string[]): Promise<void> {
  return session.commandEach(names, async (name) => {
    const { id } = await serviceNamed(session.client, name);
    return { kind: "rebalance-service", id };
  });
}

async function list(session: Session, { quiet }: Listing): Promise<void> {
  const [services, tasks, nodes] = await Promise.all([
    session.client.query({ kind: "list-services" }),
    session.client.query({ kind: "list-tasks", service: null }),
    session.client.query({ kind: "list-nodes" }),
  ]);
  const statuses = serviceStatuses(services, tasks, nodes);
  const replicasOf = (service: Service) => replicasText(service, statuses.get(service.id));
  const view: View<Service> = {
    columns: [
      ["ID", ({ id }) => id],
      ["NAME", ({ spec }) => spec.name],
      ["MODE", ({ spec }) => spec.mode.kind],
      ["REPLICAS", replicasOf],
      ["IMAGE", ({ spec }) => spec.task.container.image],
      ["PORTS", portsText],
    ],
    fields: [
      ["ID", ({ id }) => id],
      ["Name", ({ spec }) => spec.name],
      ["Mode", ({ spec }) => spec.mode.kind.replace("-", " ")],
      ["Replicas", (service) => `${replicasOf(service)}${mostText(service)}`],
      ["Image", ({ spec }) => spec.task.container.image],
      ["Ports", ({ ports }) => dockerPorts(ports.filter(isIngress))],
    ],
  };
  session.list(view, services, quiet);
}

/** `2/3`; of a job that is to complete five times `1/2 (3/5 completed)`. */
function replicasText({ spec: { mode } }: Service, status?: ServiceStatus): string {
  if (status === undefined) return "";
  const { running, desired, completed } = status;
  if (mode.kind !== "replicated-job") return `${running}/${desired}`;
  return `${running}/${desired} (${completed}/${mode.totalCompletions} completed)`;
}

function isIngress({ publishMode }: PortConfig): boolean {
  return publishMode === "ingress";
}

function mostText({ spec }: Service): string {
  const { maxReplicas } = spec.task.placement;
  return maxReplicas === 0 ? "" : ` (max ${maxReplicas} per node)`;
}

function portsText({ ports }: Service): string {
  return ports
    .map(({ publishedPort, targetPort, protocol }) => `${publishedPort}->${targetPort}/${protocol}`)
    .join(",");
}

async function inspect(session: Session, name: string, { all }: Inspecting): Promise<void> {
  const { client } = session;
  const service = await serviceNamed(client, name);
  if (all !== true) return session.show(service);
  await session.show(service, await client.query({ kind: "list-tasks", service: service.id }));
}

async function ps(session: Session, name: string, { quiet }: Listing): Promise<void> {
  const { id } = await serviceNamed(session.client, name);
  const all = await session.client.query({ kind: "list-tasks", service: id });
  session.list(await taskView(session), ordered(all), quiet);
}

const nothing: Known = { env: {}, secrets: new Map(), configs: new Map(), networks: new Map() };

/** What the options may name, asked for only where they name any. */
async function knownFor(session: Session, options: Options): Promise<Known> {
  const { client, surroundings } = session;
  const named = <T extends { id: string; spec: { name: string } }>(all: readonly T[]) =>
    new Map(all.map(({ id, spec }) => [spec.name, id]));
  const given = Object.keys(options);
  const areGiven = (kind: RegExp) => given.some((name) => kind.test(name));
  return {
    env: surroundings.env,
    secrets: areGiven(/secret/i)
      ? named(await client.query({ kind: "list-secrets" }))
      : nothing.secrets,
    configs: areGiven(/config/i)
      ? named(await client.query({ kind: "list-configs" }))
      : nothing.configs,
    networks: areGiven(/network/i)
      ? named(await client.query({ kind: "list-networks" }))
      : nothing.networks,
  };
}
