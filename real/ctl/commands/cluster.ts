import { readFileSync } from "node:fs";
import { Argument, type Command, Option } from "commander";
import type { OwnRoot } from "../../../core/control/ca.ts";
import type { ClusterCa, SigningRoot } from "../../../core/model/certificate.ts";
import type { Cluster, ClusterSpec } from "../../../core/model/cluster.ts";
import type { ExternalCa } from "../../../core/model/external-ca.ts";
import type { NodeRole } from "../../../core/model/node.ts";
import type { LogDriver } from "../../../core/model/task-spec.ts";
import { exportedCluster, type ListedCluster } from "../../../core/observe/exported-cluster.ts";
import { askSecret } from "../../ask-secret.ts";
import { ownRoot } from "../../signer/own-root.ts";
import { bytesIn, replaceFile } from "../../text-file.ts";
import { externalCaHelp, externalCasOf } from "../external-ca.ts";
import { type Listing, listing } from "../listing.ts";
import { swarmkitsNames } from "../options/spec-option.ts";
import type { Columns } from "../output.ts";
import type { Run } from "../run.ts";
import type { Session } from "../session.ts";
import { agoText, collected, countOf, durationOf, pairOf } from "../units.ts";
import { membershipCommands } from "./membership.ts";

export function clusterCommands(program: Command, run: Run): void {
  const cluster = program.command("cluster").description("the settings that all nodes share");
  membershipCommands(cluster, run);
  listing(cluster, "the cluster in a line").action(run(list));
  named(cluster.command("inspect")).description("all of the cluster").action(run(inspect));
  named(cluster.command("update"))
    .description("change settings of the cluster")
    .option("--certexpiry <span>", "life of the nodes' certificates", durationOf)
    .option("--heartbeatperiod <span>", "between two reports of a node", durationOf)
    .option("--heartbeatgrace <count>", "missed reports after which it is down", countOf)
    .option("--engine-timeout <span>", "silence of its engine that makes it down", durationOf)
    .option("--taskhistory <count>", "tasks kept for each slot; -1: all", historyOf)
    .option("--snapshot-interval <count>", "entries between two snapshots", countOf)
    .option("--rebalance <count>", "tasks a minute moved to emptier nodes; 0: none", countOf)
    .option("--label <key=value>", "label of the cluster; these instead of all before", collected)
    .option("--log-driver <name>", "of tasks whose service names none; none: '-'")
    .option("--log-opt <name=value>", "option of that driver; these instead of all", collected)
    .option("--preemption", "tasks may be stopped for those of higher priority")
    .option("--no-preemption", "they may not")
    .option("--autolock", "managers that start need the unlock key, which is printed")
    .option("--no-autolock", "they do not")
    .option("--external-ca <spec>", externalCaHelp, externalCasOf)
    .option("--no-external-ca", "the managers sign themselves")
    .addOption(
      new Option("--rotate-join-token <role>", "as 'cluster join-token --rotate' does")
        .choices(roles)
        .helpGroup(swarmkitsNames),
    )
    .addOption(
      new Option("--rotate-unlock-key", "as 'cluster unlock-key --rotate' does").helpGroup(
        swarmkitsNames,
      ),
    )
    .action(run(update));
  addLock(cluster, run);
  addCopies(cluster, run);
  addAuthority(cluster, run);
}

function addLock(cluster: Command, run: Run): void {
  named(cluster.command("unlock-key"))
    .description("what opens locked managers")
    .option("--rotate", "make a new one; managers that are down open with the old one")
    .option("-q, --quiet", "the key alone")
    .action(run(unlockKey));
  cluster
    .command("unlock")
    .description("open a locked manager: its key is asked for, or read from standard input")
    .action(run(unlock));
}

function addCopies(cluster: Command, run: Run): void {
  cluster
    .command("backup <file>")
    .description("all that 'swarmd restore' needs to make the cluster again; keep it secret")
    .action(run(backup));
  cluster
    .command("export")
    .description("print what 'sim whatif' needs to tell what a loss would do; nothing secret")
    .action(run(exportAll));
}

function addAuthority(cluster: Command, run: Run): void {
  cluster
    .command("join-token")
    .description("how a node joins with this role")
    .addArgument(new Argument("<role>").choices(roles))
    .option("--rotate", "make a new one: the old one is of no use any more")
    .option("-q, --quiet", "the token alone")
    .action(run(joinToken));
  cluster
    .command("ca")
    .description("the root certificate of the cluster")
    .option("--rotate", "replace it; all nodes get new certificates")
    .option("--ca-cert <file>", "the new root, PEM; without it one is made")
    .option("--ca-key <file>", "its key, PEM (PKCS 8); without it an external CA signs")
    .option(
      "--external-ca <spec>",
      "who signs for the new root, instead of all before",
      externalCasOf,
    )
    .action(run(ca));
}

const roles = ["worker", "manager"] as const;

/** SwarmKit's commands name the cluster; a manager knows of one. */
function named(command: Command): Command {
  return command.addArgument(new Argument("[cluster]", "its id, or 'default': there is one"));
}

/** Any negative number keeps all (SwarmKit `taskreaper`). */
function historyOf(text: string): number {
  return text === "-1" ? -1 : countOf(text);
}

async function clusterOf({ client }: Session, name = "default"): Promise<Cluster> {
  const [cluster] = (await client.query({ kind: "get-cluster" })) as readonly Cluster[];
  if (cluster === undefined) throw new Error("the cluster has no settings yet: try again");
  const id = cluster.ca?.organization ?? "";
  if (name === "default" || id.startsWith(name)) return cluster;
  throw new Error(`there is no cluster '${name}' here: this one is ${id}`);
}

async function list(session: Session, { quiet }: Listing): Promise<void> {
  const { surroundings } = session;
  const columns: Columns<Cluster> = [
    ["ID", ({ ca }) => ca?.organization ?? ""],
    ["CREATED", ({ meta }) => agoText(meta.createdAt, surroundings.now())],
    ["AUTOLOCK", ({ spec }) => (spec.autoLockManagers ? "on" : "off")],
    ["ROOT", ({ ca }) => (ca?.rotation === null ? "steady" : "being rotated")],
  ];
  session.list(columns, [await clusterOf(session)], quiet);
}

async function inspect(session: Session, name?: string): Promise<void> {
  session.show(await clusterOf(session, name));
}

interface UpdateOptions {
  readonly certexpiry?: ClusterSpec["nodeCertExpiry"];
  readonly heartbeatperiod?: ClusterSpec["heartbeatPeriod"];
  readonly heartbeatgrace?: number;
  readonly engineTimeout?: ClusterSpec["engineTimeout"];
  readonly taskhistory?: number;
  readonly snapshotInterval?: number;
  readonly rebalance?: number;
  readonly label?: readonly string[];
  readonly logDriver?: string;
  readonly logOpt?: readonly string[];
  readonly preemption?: boolean;
  readonly autolock?: boolean;
  /** False: none any more. */
  readonly externalCa?: readonly ExternalCa[] | false;
  readonly rotateJoinToken?: NodeRole;
  readonly rotateUnlockKey?: boolean;
}

async function update(
  session: Session,
  name: string | undefined,
  options: UpdateOptions,
): Promise<void> {
  const { meta, spec } = await clusterOf(session, name);
  const changed = changedSpec(spec, options);
  await session.client.command({ kind: "update-cluster", version: meta.version, spec: changed });
  session.print("cluster updated\n");
  const { rotateJoinToken: role, rotateUnlockKey: rotate = false } = options;
  if (role !== undefined) await joinToken(session, role, { rotate: true });
  const isNew = changed.autoLockManagers && !spec.autoLockManagers;
  if (isNew || rotate) await unlockKey(session, undefined, { rotate });
}

function changedSpec(spec: ClusterSpec, options: UpdateOptions): ClusterSpec {
  return {
    ...spec,
    labels: options.label === undefined ? spec.labels : new Map(options.label.map(pairOf)),
    logDriver: logDriverWith(spec.logDriver, options),
    nodeCertExpiry: options.certexpiry ?? spec.nodeCertExpiry,
    heartbeatPeriod: options.heartbeatperiod ?? spec.heartbeatPeriod,
    heartbeatGrace: options.heartbeatgrace ?? spec.heartbeatGrace,
    engineTimeout: options.engineTimeout ?? spec.engineTimeout,
    taskHistoryRetentionLimit: options.taskhistory ?? spec.taskHistoryRetentionLimit,
    snapshotInterval: options.snapshotInterval ?? spec.snapshotInterval,
    rebalancePerMinute: options.rebalance ?? spec.rebalancePerMinute,
    preemption: options.preemption ?? spec.preemption,
    autoLockManagers: options.autolock ?? spec.autoLockManagers,
    externalCas: options.externalCa === false ? [] : (options.externalCa ?? spec.externalCas),
  };
}

function logDriverWith(before: LogDriver | null, { logDriver, logOpt }: UpdateOptions) {
  if (logDriver === "-") return null;
  if (logDriver === undefined && logOpt === undefined) return before;
  const name = logDriver ?? before?.name ?? "json-file";
  return { name, options: new Map(logOpt?.map(pairOf) ?? before?.options) };
}

async function unlockKey(
  session: Session,
  name: string | undefined,
  { rotate = false, quiet = false }: TokenOptions,
): Promise<void> {
  if (name !== undefined) await clusterOf(session, name);
  if (rotate) await session.client.command({ kind: "rotate-unlock-key" });
  const key = await keyOf(session);
  session.print(quiet ? `${key}\n` : howToUnlock(key));
}

async function keyOf({ client }: Session): Promise<string> {
  const [cluster] = (await client.query({ kind: "get-unlock-key" })) as readonly Cluster[];
  const key = cluster?.lock.key ?? null;
  if (key !== null) return key;
  throw new Error("managers are not locked: 'swarmctl cluster update --autolock' locks them");
}

function howToUnlock(key: string): string {
  return (
    "To open a manager after it has started again, run 'swarmctl cluster unlock' there and give " +
    `this key:\n\n    ${key}\n\nKeep it where no manager is: without it none that has stopped ` +
    "can start again.\n"
  );
}

async function unlock(session: Session): Promise<void> {
  const key = process.stdin.isTTY ? await askSecret("Unlock key: ") : readFileSync(0, "utf8");
  await session.local((node) => node.unlock(key.trim()));
  session.print("the manager is unlocked\n");
}

/** The file is there whole or not at all, and only its user can read it. */
async function backup(session: Session, path: string): Promise<void> {
  const parts: Uint8Array[] = [];
  await session.local((node) => node.backup((part) => parts.push(part)));
  replaceFile(path, Buffer.concat(parts));
  session.print(`${path}\n`);
}

async function exportAll(session: Session): Promise<void> {
  const { client, surroundings } = session;
  const [nodes, services, tasks, volumes] = [
    await client.query({ kind: "list-nodes" }),
    await client.query({ kind: "list-services" }),
    await client.query({ kind: "list-tasks", service: null }),
    await client.query({ kind: "list-volumes" }),
  ];
  const listed = { cluster: await clusterOf(session), nodes, services, tasks, volumes };
  const takenAt = new Date(surroundings.now()).toISOString();
  const exported = exportedCluster(listed as ListedCluster, takenAt);
  session.print(`${JSON.stringify(exported, null, 2)}\n`);
}

interface TokenOptions {
  readonly rotate?: boolean;
  readonly quiet?: boolean;
}

async function joinToken(session: Session, role: NodeRole, options: TokenOptions): Promise<void> {
  const { rotate = false, quiet = false } = options;
  if (rotate) await session.client.command({ kind: "rotate-join-token", role });
  const token = (await authority(session)).joinTokens[role];
  if (quiet) return session.print(`${token}\n`);
  session.print(`swarmd --join-addr ${await session.managerAddress()} --join-token ${token}\n`);
}

interface CaOptions {
  readonly rotate?: boolean;
  readonly caCert?: string;
  readonly caKey?: string;
  readonly externalCa?: readonly ExternalCa[];
}

/** Without options the certificate itself; a rotation goes on while this returns. */
async function ca(session: Session, options: CaOptions): Promise<void> {
  const { rotate, caCert, caKey, externalCa } = options;
  if (rotate !== true) return session.print(`${(await authority(session)).root.certificate}\n`);
  if (caCert === undefined && caKey !== undefined) throw new Error("name --ca-cert with --ca-key");
  const own = caCert === undefined ? null : readRoot(caCert, caKey ?? null);
  if (externalCa !== undefined) await nameAuthorities(session, externalCa, own);
  const { root } = await authority(session);
  await session.client.command({ kind: "rotate-root", root: own });
  session.print(`${rotationWords(root, own)}\n`);
}

function rotationWords(root: SigningRoot, own: OwnRoot | null): string {
  if (own?.digest !== root.digest) {
    return "the root is being rotated: 'swarmctl cluster inspect' shows how far it is";
  }
  return own.key === ""
    ? "the root stays: the managers have its key no more"
    : "the root stays: the managers have its key now";
}

/** They sign for the new root, as with Docker's client, unless they say for which. */
async function nameAuthorities(
  session: Session,
  named: readonly ExternalCa[],
  own: OwnRoot | null,
): Promise<void> {
  const { meta, spec } = await clusterOf(session);
  const root = own === null ? null : { certificate: own.certificate, digest: own.digest };
  const externalCas = named.map((each) => ({ ...each, root: each.root ?? root }));
  const changed = { ...spec, externalCas };
  await session.client.command({ kind: "update-cluster", version: meta.version, spec: changed });
}

async function authority(session: Session): Promise<ClusterCa> {
  const { ca: found } = await clusterOf(session);
  if (found === null) throw new Error("the cluster has no certificates yet: try again");
  return found;
}

function readRoot(certificateFile: string, keyFile: string | null): OwnRoot {
  const key = keyFile === null ? null : bytesIn(keyFile).toString();
  return ownRoot(bytesIn(certificateFile).toString(), key);
}
