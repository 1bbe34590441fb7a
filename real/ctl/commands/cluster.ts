import type { Command } from "commander";
import type { Cluster, ClusterSpec } from "../../../core/model/cluster.ts";
import type { Run } from "../run.ts";
import type { Session } from "../session.ts";
import { countOf, durationOf } from "../units.ts";

export function clusterCommands(program: Command, run: Run): void {
  const cluster = program.command("cluster").description("the settings that all nodes share");
  cluster.command("inspect").description("all of the cluster").action(run(inspect));
  cluster
    .command("update")
    .description("change settings of the cluster")
    .option("--certexpiry <span>", "life of the nodes' certificates", durationOf)
    .option("--heartbeatperiod <span>", "between two reports of a node", durationOf)
    .option("--heartbeatgrace <count>", "missed reports after which it is down", countOf)
    .option("--taskhistory <count>", "tasks kept for each slot; -1: all", Number)
    .option("--snapshot-interval <count>", "entries between two snapshots", countOf)
    .option("--rebalance <count>", "tasks a minute moved to emptier nodes; 0: none", countOf)
    .option("--preemption", "tasks may be stopped for those of higher priority")
    .option("--no-preemption", "they may not")
    .action(run(update));
}

async function found({ client }: Session): Promise<Cluster> {
  const [cluster] = (await client.query({ kind: "get-cluster" })) as readonly Cluster[];
  if (cluster === undefined) throw new Error("the cluster has no settings yet: try again");
  return cluster;
}

async function inspect(session: Session): Promise<void> {
  session.show(await found(session));
}

interface UpdateOptions {
  readonly certexpiry?: ClusterSpec["nodeCertExpiry"];
  readonly heartbeatperiod?: ClusterSpec["heartbeatPeriod"];
  readonly heartbeatgrace?: number;
  readonly taskhistory?: number;
  readonly snapshotInterval?: number;
  readonly rebalance?: number;
  readonly preemption?: boolean;
}

async function update(session: Session, options: UpdateOptions): Promise<void> {
  const { meta, spec } = await found(session);
  const changed: ClusterSpec = {
    ...spec,
    nodeCertExpiry: options.certexpiry ?? spec.nodeCertExpiry,
    heartbeatPeriod: options.heartbeatperiod ?? spec.heartbeatPeriod,
    heartbeatGrace: options.heartbeatgrace ?? spec.heartbeatGrace,
    taskHistoryRetentionLimit: options.taskhistory ?? spec.taskHistoryRetentionLimit,
    snapshotInterval: options.snapshotInterval ?? spec.snapshotInterval,
    rebalancePerMinute: options.rebalance ?? spec.rebalancePerMinute,
    preemption: options.preemption ?? spec.preemption,
  };
  await session.client.command({ kind: "update-cluster", version: meta.version, spec: changed });
  session.print("cluster updated\n");
}
