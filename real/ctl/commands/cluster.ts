import { type Command, Option } from "commander";
import { nodesBehind } from "../../../core/ca/rotation.ts";
import type { Cluster, ClusterSpec, DrainConfig } from "../../../core/model/cluster.ts";
import type { ExternalCa } from "../../../core/model/external-ca.ts";
import type { NodeRole } from "../../../core/model/node.ts";
import type { LogDriver, Strategy } from "../../../core/model/task-spec.ts";
import { exportedCluster } from "../../../core/observe/exported-cluster.ts";
import { externalCaHelp, externalCasOf } from "../../command-line/external-ca.ts";
import { agoText, collected, countOf, durationOf, pairOf } from "../../command-line/units.ts";
import { checkReplaceable, replaceFile } from "../../text-file.ts";
import { clusterNamed } from "../find.ts";
import { type Listing, listing, ofCluster } from "../listing.ts";
import { swarmkitsNames } from "../options/spec-option.ts";
import { strategies } from "../options/task-options.ts";
import type { View } from "../output.ts";
import type { Run } from "../run.ts";
import type { Session } from "../session.ts";
import { joinToken, keyCommands, roles, unlockKey } from "./cluster-keys.ts";
import { membershipCommands } from "./membership.ts";

export function clusterCommands(program: Command, run: Run): void {
  const cluster = program.command("cluster").description("the settings that all nodes share");
  membershipCommands(cluster, run);
  listing(cluster, "the cluster in a line").action(run(list));
  ofCluster(cluster.command("inspect")).description("all of the cluster").action(run(inspect));
  ofCluster(cluster.command("update"))
    .description("change settings of the cluster")
    .option("--certexpiry <span>", "life of the nodes' certificates", durationOf)
    .option("--heartbeatperiod <span>", "between two reports of a node", durationOf)
    .option("--heartbeatgrace <count>", "missed reports after which it is down", countOf)
    .option("--engine-timeout <span>", "silence of its engine that makes it down", durationOf)
    .option("--taskhistory <count>", "tasks kept for each slot; -1: all", historyOf)
    .option("--node-down-period <span>", "down for so long, it loses its tasks", durationOf)
    .option("--snapshot-interval <count>", "entries between two snapshots", countOf)
    .option("--log-entries-for-slow-followers <count>", "kept behind a snapshot", countOf)
    .addOption(
      new Option("--strategy <strategy>", "for services that name none").choices([...strategies]),
    )
    .addOption(
      new Option(
        "--drain-order <order>",
        "of a drained node's task and the one in its place",
      ).choices(drainOrders),
    )
    .option(
      "--drain-patience <span>",
      "start-first: after it the old task stops all the same",
      durationOf,
    )
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
  keyCommands(cluster, run);
  cluster
    .command("backup <file>")
    .description("all that 'swarmd restore' needs; keep it secret ('-': to standard output)")
    .action(run(backup));
  cluster
    .command("export")
    .description("print what 'sim whatif' needs to tell what a loss would do; nothing secret")
    .action(run(exportAll));
}

const drainOrders: readonly DrainConfig["order"][] = ["start-first", "stop-first"];

/** Nodes that are named where many may be. */
const shownMost = 3;

/** Any negative number keeps all (SwarmKit `taskreaper`). */
function historyOf(text: string): number {
  return text.startsWith("-") ? -countOf(text.slice(1)) : countOf(text);
}

async function list(session: Session, { quiet }: Listing): Promise<void> {
  const { client, surroundings } = session;
  const found = await clusterNamed(client);
  const standing = await rootStanding(session, found);
  const id = ({ ca }: Cluster) => ca?.organization ?? "";
  const created = ({ meta }: Cluster) => agoText(meta.createdAt, surroundings.now());
  const autolock = ({ spec }: Cluster) => (spec.autoLockManagers ? "on" : "off");
  const root = () => standing;
  const view: View<Cluster> = {
    columns: [
      ["ID", id],
      ["CREATED", created],
      ["AUTOLOCK", autolock],
      ["ROOT", root],
    ],
    fields: [
      ["ID", id],
      ["CreatedAt", created],
      ["Autolock", autolock],
      ["Root", root],
    ],
  };
  session.list(view, [found], quiet);
}

/** Whether the root is being replaced, and which nodes that waits for: down ones hold it up. */
async function rootStanding({ client }: Session, { ca }: Cluster): Promise<string> {
  if (ca?.rotation === null) return "steady";
  const next = ca?.rotation.root?.digest;
  if (next === undefined) return "being rotated";
  const behind = nodesBehind(await client.query({ kind: "list-nodes" }), next);
  const names = behind.map(
    ({ description, status }) => `${description.hostname} (${status.state})`,
  );
  const more = names.length > shownMost ? ` and ${names.length - shownMost} more` : "";
  return `being rotated: waits for ${names.slice(0, shownMost).join(", ")}${more}`;
}

async function inspect(session: Session, name?: string): Promise<void> {
  await session.show(await clusterNamed(session.client, name));
}

interface UpdateOptions {
  readonly certexpiry?: ClusterSpec["nodeCertExpiry"];
  readonly heartbeatperiod?: ClusterSpec["heartbeatPeriod"];
  readonly heartbeatgrace?: number;
  readonly engineTimeout?: ClusterSpec["engineTimeout"];
  readonly taskhistory?: number;
  readonly nodeDownPeriod?: ClusterSpec["nodeDownPeriod"];
  readonly snapshotInterval?: number;
  readonly logEntriesForSlowFollowers?: number;
  readonly strategy?: Strategy;
  readonly drainOrder?: DrainConfig["order"];
  readonly drainPatience?: DrainConfig["patience"];
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
  let isNew = false;
  await session.change(async () => {
    const { meta, spec } = await clusterNamed(session.client, name);
    const changed = changedSpec(spec, options);
    isNew = changed.autoLockManagers && !spec.autoLockManagers;
    return { kind: "update-cluster", version: meta.version, spec: changed };
  });
  session.print("cluster updated\n");
  const { rotateJoinToken: role, rotateUnlockKey: rotate = false } = options;
  if (role !== undefined) await joinToken(session, role, { rotate: true });
  if (isNew || rotate) await unlockKey(session, undefined, { rotate });
}

/** Names every setting there is: none is beyond the reach of users. */
function changedSpec(spec: ClusterSpec, options: UpdateOptions): ClusterSpec {
  const { drain } = spec;
  return {
    labels: options.label === undefined ? spec.labels : new Map(options.label.map(pairOf)),
    logDriver: logDriverWith(spec.logDriver, options),
    nodeCertExpiry: options.certexpiry ?? spec.nodeCertExpiry,
    heartbeatPeriod: options.heartbeatperiod ?? spec.heartbeatPeriod,
    heartbeatGrace: options.heartbeatgrace ?? spec.heartbeatGrace,
    engineTimeout: options.engineTimeout ?? spec.engineTimeout,
    nodeDownPeriod: options.nodeDownPeriod ?? spec.nodeDownPeriod,
    taskHistoryRetentionLimit: options.taskhistory ?? spec.taskHistoryRetentionLimit,
    snapshotInterval: options.snapshotInterval ?? spec.snapshotInterval,
    logEntriesForSlowFollowers:
      options.logEntriesForSlowFollowers ?? spec.logEntriesForSlowFollowers,
    strategy: options.strategy ?? spec.strategy,
    preemption: options.preemption ?? spec.preemption,
    drain: {
      order: options.drainOrder ?? drain.order,
      patience: options.drainPatience ?? drain.patience,
    },
    rebalancePerMinute: options.rebalance ?? spec.rebalancePerMinute,
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

/** In the place of an older one: whole or not at all, and only its user can read it. */
async function backup(session: Session, path: string): Promise<void> {
  const { isTerminal, out } = session.surroundings;
  const isPiped = path === "-";
  if (isPiped && isTerminal) throw new Error("a backup is no text: name a file, or redirect it");
  if (!isPiped) checkReplaceable(path);
  const parts: Uint8Array[] = [];
  await session.local((node) => node.backup((part) => parts.push(part)));
  const whole = Buffer.concat(parts);
  if (isPiped) return out(whole);
  replaceFile(path, whole);
  session.print(`${path}\n`);
}

async function exportAll(session: Session): Promise<void> {
  const { client, surroundings } = session;
  const listed = {
    cluster: await clusterNamed(client),
    nodes: await client.query({ kind: "list-nodes" }),
    services: await client.query({ kind: "list-services" }),
    tasks: await client.query({ kind: "list-tasks", service: null }),
    volumes: await client.query({ kind: "list-volumes" }),
  };
  const takenAt = new Date(surroundings.now()).toISOString();
  session.print(`${JSON.stringify(exportedCluster(listed, takenAt), null, 2)}\n`);
}
