import { z } from "zod";
import { type ClusterCa, trustedRoots } from "../../../core/model/certificate.ts";
import type { Cluster, ClusterSpec } from "../../../core/model/cluster.ts";
import type { ExternalCa } from "../../../core/model/external-ca.ts";
import type { LogDriver } from "../../../core/model/task-spec.ts";
import { rootIn } from "../../signer/own-root.ts";
import { subjectOf } from "../../signer/x509.ts";
import { ApiError } from "../routes.ts";
import { dockerMeta } from "./meta.ts";
import {
  count,
  dockerObject,
  flag,
  integer,
  labels,
  mapOf,
  nanos,
  nanosOf,
  parsed,
  spanOf,
  text,
} from "./schema.ts";
import { dockerLogDriver, logDriverOf, logDriverSchema } from "./task-spec.ts";

const externalCa = dockerObject({ Protocol: text, URL: text, Options: labels, CACert: text });

const spec = dockerObject({
  Name: text,
  Labels: labels,
  Orchestration: dockerObject({ TaskHistoryRetentionLimit: integer }).optional(),
  Raft: dockerObject({
    SnapshotInterval: count,
    KeepOldSnapshots: count,
    LogEntriesForSlowFollowers: count,
    ElectionTick: count,
    HeartbeatTick: count,
  }).optional(),
  Dispatcher: dockerObject({ HeartbeatPeriod: nanos }).optional(),
  CAConfig: dockerObject({
    NodeCertExpiry: nanos,
    SigningCACert: text,
    SigningCAKey: text,
    ForceRotate: count,
    ExternalCAs: z.array(externalCa).nullish(),
  }).optional(),
  TaskDefaults: dockerObject({ LogDriver: logDriverSchema.optional() }).optional(),
  EncryptionConfig: dockerObject({ AutoLockManagers: flag }).optional(),
});

/** Raft's ticks, which the managers' command lines say. */
export interface RaftTicks {
  readonly heartbeatTicks: number;
  readonly electionTicks: number;
}

/** What an update of the swarm asks for. */
export interface SwarmUpdate {
  readonly spec: ClusterSpec;
  /** The root is to be replaced: by this one, or (null) by one that the leader makes. */
  readonly rotation: { readonly root: { certificate: string; key: string | null } | null } | null;
}

/**
 * `before` changed by what is not zero (moby `MergeSwarmSpecToGRPC`). Throws an `ApiError` that
 * names what can't be had.
 */
export function swarmUpdateOf(body: unknown, before: ClusterSpec, ticks: RaftTicks): SwarmUpdate {
  const docker = parsed(spec, body);
  const {
    Orchestration,
    Raft = {},
    Dispatcher,
    CAConfig = {},
    TaskDefaults,
    EncryptionConfig,
  } = docker;
  if ((docker.Name ?? "default") !== "default") {
    throw new ApiError(400, "modification of cluster name is not allowed");
  }
  checkRaft(Raft, ticks);
  return {
    spec: {
      ...before,
      labels: docker.Labels === undefined ? before.labels : mapOf(docker.Labels),
      logDriver: defaultLogDriverOf(TaskDefaults?.LogDriver, before.logDriver),
      taskHistoryRetentionLimit:
        Orchestration?.TaskHistoryRetentionLimit ?? before.taskHistoryRetentionLimit,
      snapshotInterval: Raft.SnapshotInterval || before.snapshotInterval,
      logEntriesForSlowFollowers:
        Raft.LogEntriesForSlowFollowers || before.logEntriesForSlowFollowers,
      heartbeatPeriod: spanOf(Dispatcher?.HeartbeatPeriod ?? 0) || before.heartbeatPeriod,
      nodeCertExpiry: spanOf(CAConfig.NodeCertExpiry ?? 0) || before.nodeCertExpiry,
      externalCas: (CAConfig.ExternalCAs ?? []).map(externalCaOf),
      autoLockManagers: EncryptionConfig?.AutoLockManagers ?? false,
    },
    rotation: rotationOf(CAConfig),
  };
}

/** One without a name counts as none. */
function defaultLogDriverOf(
  docker: z.infer<typeof logDriverSchema> | undefined,
  before: LogDriver | null,
): LogDriver | null {
  if (docker === undefined) return before;
  return (docker.Name ?? "") === "" ? null : logDriverOf(docker);
}

function checkRaft(
  { KeepOldSnapshots = 0, ElectionTick, HeartbeatTick }: Record<string, number | undefined>,
  { electionTicks, heartbeatTicks }: RaftTicks,
): void {
  if (KeepOldSnapshots > 0) {
    throw new ApiError(400, "Raft.KeepOldSnapshots is not supported by this cluster");
  }
  if ((ElectionTick || electionTicks) !== electionTicks) {
    throw new ApiError(400, "Raft.ElectionTick is set with 'swarmd --election-tick' only");
  }
  if ((HeartbeatTick || heartbeatTicks) === heartbeatTicks) return;
  throw new ApiError(400, "Raft.HeartbeatTick is set with 'swarmd --heartbeat-tick' only");
}

/** The words are those of moby (`MergeSwarmSpecToGRPC`). */
function externalCaOf(docker: z.infer<typeof externalCa>): ExternalCa {
  const { Protocol = "", URL: url = "", Options, CACert = "" } = docker;
  if (Protocol.toLowerCase() !== "cfssl") {
    throw new ApiError(400, `invalid protocol: ${JSON.stringify(Protocol)}`);
  }
  try {
    const root = CACert === "" ? null : rootIn(CACert);
    return { protocol: "cfssl", url, options: mapOf(Options), root };
  } catch (error) {
    throw new ApiError(400, `CAConfig.ExternalCAs: CACert: ${(error as Error).message}`);
  }
}

/** An authority as Docker's API has it. */
export function dockerExternalCa({ url, options, root }: ExternalCa): object {
  const CACert = root === null ? "" : `${root.certificate.trimEnd()}\n`;
  return { Protocol: "cfssl", URL: url, Options: Object.fromEntries(options), CACert };
}

type CaConfig = NonNullable<z.infer<typeof spec>["CAConfig"]>;

/** Rotations are not counted here: any count asks for one more. */
function rotationOf(config: CaConfig): SwarmUpdate["rotation"] {
  const { SigningCACert: certificate = "", SigningCAKey: key = "", ForceRotate = 0 } = config;
  if (certificate !== "") {
    return { root: { certificate, key: key === "" ? null : key } };
  }
  if (key !== "") throw new ApiError(400, "CAConfig.SigningCACert is needed with SigningCAKey");
  return ForceRotate > 0 ? { root: null } : null;
}

/** The swarm as Docker shows it, without its tokens. */
export function shownSwarm(cluster: Cluster, ca: ClusterCa, ticks: RaftTicks): object {
  return {
    ID: ca.organization,
    ...dockerMeta(cluster),
    Spec: dockerSpec(cluster.spec, ticks),
    TLSInfo: tlsInfo(ca, null),
    RootRotationInProgress: ca.rotation !== null,
    DefaultAddrPool: cluster.overlays.defaultAddressPool,
    SubnetSize: cluster.overlays.subnetSize,
    DataPathPort: cluster.overlays.dataPathPort,
  };
}

function dockerSpec(cluster: ClusterSpec, ticks: RaftTicks): object {
  return {
    Name: "default",
    Labels: Object.fromEntries(cluster.labels),
    Orchestration: { TaskHistoryRetentionLimit: cluster.taskHistoryRetentionLimit },
    Raft: {
      SnapshotInterval: cluster.snapshotInterval,
      KeepOldSnapshots: 0,
      LogEntriesForSlowFollowers: cluster.logEntriesForSlowFollowers,
      ElectionTick: ticks.electionTicks,
      HeartbeatTick: ticks.heartbeatTicks,
    },
    Dispatcher: { HeartbeatPeriod: nanosOf(cluster.heartbeatPeriod) },
    CAConfig: {
      NodeCertExpiry: nanosOf(cluster.nodeCertExpiry),
      ...(cluster.externalCas.length > 0 && {
        ExternalCAs: cluster.externalCas.map(dockerExternalCa),
      }),
    },
    TaskDefaults:
      cluster.logDriver === null ? {} : { LogDriver: dockerLogDriver(cluster.logDriver) },
    EncryptionConfig: { AutoLockManagers: cluster.autoLockManagers },
  };
}

/**
 * Docker's `TLSInfo`: the roots that nodes trust, and who has signed for a node. `issuer` is the
 * digest of that root; null: who signs now.
 */
export function tlsInfo(ca: ClusterCa, issuer: string | null): object {
  const roots = trustedRoots(ca);
  const signer = roots.find(({ digest }) => digest === issuer) ?? roots[roots.length - 1];
  const { name, key } = subjectOf(signer?.certificate ?? "");
  return {
    TrustRoot: roots.map(({ certificate }) => `${certificate.trimEnd()}\n`).join(""),
    CertIssuerSubject: name.toString("base64"),
    CertIssuerPublicKey: key.toString("base64"),
  };
}
