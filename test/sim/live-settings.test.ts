import { expect, test } from "vitest";
import { type ClusterSpec, defaultClusterSpec } from "../../core/model/cluster.ts";
import { logDriverOf } from "../../core/model/task.ts";
import { TaskState } from "../../core/model/task-state.ts";
import type { NodeMessage } from "../../core/node/message.ts";
import {
  at,
  configure,
  crash,
  create,
  drain,
  hangDaemon,
  network,
  powerOn,
  rotateRoot,
  type ScenarioPlan,
  type Settings,
  type Step,
  service,
  update,
} from "../../sim/scenario/dsl.ts";
import { simulate } from "../../sim/simulate.ts";
import type { Commit } from "../../sim/world/history.ts";
import type { Host } from "../../sim/world/host.ts";
import { leaderOf } from "../../sim/world/selectors.ts";
import type { World } from "../../sim/world/world.ts";

// Goal: a setting of the cluster is in effect as soon as it is changed, and under the next leader.
// Method: change it, lose the leader, and then do what the setting is about; nothing but the old
// leader ever stops. The same run without the change must come to something else.

/** A world after a run, and what was seen in it. */
interface Seen {
  world: World;
  /** Heartbeats that w1 has sent. */
  beats: number;
  /** When w1 was called down, and the first of its tasks orphaned, in seconds; null: never. */
  downAt: number | null;
  orphanedAt: number | null;
}

interface Row {
  readonly name: keyof ClusterSpec;
  readonly setting: Settings;
  /** How the cluster is set in both runs. */
  readonly base?: Settings;
  readonly next?: readonly Step[];
  /** When the run ends, in seconds. */
  readonly until: number;
  readonly look: (seen: Seen) => unknown;
  readonly before: unknown;
  readonly after: unknown;
}

const constraints = ["node.role==worker"];
const web = service("web", { image: "web:1", replicas: 4, cpus: 1, constraints });
const crowd = service("crowd", { image: "crowd:1", replicas: 2, constraints });
const vital = service("vital", { image: "v:1", replicas: 2, cpus: 4, priority: 9, constraints });
const pinned = service("pinned", { image: "pinned:1", constraints: ["node.hostname==w1"] });
const deployments = [2, 3, 4].map((version) =>
  at(`${40 + 20 * version}s`, update("web", { image: `web:${version}` })),
);

const rows: readonly Row[] = [
  {
    name: "heartbeatPeriod",
    setting: { heartbeat: "2s" },
    until: 120,
    look: ({ beats }) => beats > 35,
    before: false,
    after: true,
  },
  {
    name: "heartbeatGrace",
    setting: { heartbeatGrace: 6 },
    next: [at("90s", crash("w1"))],
    until: 140,
    look: ({ downAt }) => (downAt ?? 0) >= 110,
    before: false,
    after: true,
  },
  {
    name: "engineTimeout",
    setting: { engineTimeout: "20s" },
    next: [at("90s", hangDaemon("w1"))],
    until: 150,
    look: ({ downAt }) => downAt !== null,
    before: false,
    after: true,
  },
  {
    name: "nodeDownPeriod",
    setting: { nodeDownPeriod: "30s" },
    next: [at("90s", crash("w1"))],
    until: 180,
    look: ({ orphanedAt }) => orphanedAt !== null,
    before: false,
    after: true,
  },
  {
    name: "taskHistoryRetentionLimit",
    setting: { taskHistoryLimit: 1 },
    next: deployments,
    until: 180,
    look: ({ world }) => tasksOf(world, "web").length,
    before: 16,
    after: 4,
  },
  {
    name: "snapshotInterval",
    setting: { snapshotInterval: 5 },
    next: deployments,
    until: 180,
    look: ({ world }) => leaderOf(world.managers)?.disk.image.snapshot !== null,
    before: false,
    after: true,
  },
  {
    name: "logEntriesForSlowFollowers",
    setting: { logEntriesForSlowFollowers: 0 },
    base: { snapshotInterval: 5 },
    next: deployments,
    until: 180,
    look: ({ world }) => (leaderOf(world.managers)?.raft?.firstIndex ?? 0) > 1,
    before: false,
    after: true,
  },
  {
    name: "nodeCertExpiry",
    setting: { certExpiry: "1h" },
    next: [at("70s", rotateRoot())],
    until: 120,
    look: ({ world }) => hoursOfCertificate(world, "w1"),
    before: 2161,
    after: 2,
  },
  {
    name: "externalCas",
    setting: { externalCas: ["north"] },
    next: [at("70s", powerOn("w3"))],
    until: 120,
    look: ({ world }) => world.authorities.asked > 0,
    before: false,
    after: true,
  },
  {
    name: "autoLockManagers",
    setting: { autoLock: true },
    until: 120,
    look: ({ world }) =>
      world.managers.every(({ signer, state }) => state !== "up" || signer.held.lock.key !== null),
    before: false,
    after: true,
  },
  {
    name: "logDriver",
    setting: { logDriver: "local" },
    next: [at("70s", create(crowd))],
    until: 120,
    look: ({ world }) => new Set(tasksOf(world, "crowd").map((task) => logDriverOf(task)?.name)),
    before: new Set([undefined]),
    after: new Set(["local"]),
  },
  {
    name: "strategy",
    setting: { strategy: "binpack" },
    next: [at("70s", create(crowd))],
    until: 120,
    look: ({ world }) => new Set(tasksOf(world, "crowd").map(({ nodeId }) => nodeId)).size,
    before: 2,
    after: 1,
  },
  {
    name: "preemption",
    setting: { preemption: true },
    next: [at("70s", create(vital))],
    until: 150,
    look: ({ world }) => runningOf(world, "vital").length,
    before: 0,
    after: 2,
  },
  {
    name: "drain",
    setting: { drain: { order: "stop-first" } },
    next: [at("90s", create(crowd)), at("100s", drain("w1"))],
    until: 150,
    look: ({ world }) => world.availability.report().crowd?.lowestRunning,
    before: 2,
    after: 1,
  },
  {
    name: "drain",
    setting: { drain: { patience: "5s" } },
    next: [at("70s", create(pinned)), at("100s", drain("w1"))],
    until: 150,
    look: ({ world }) => runningOf(world, "pinned").length,
    before: 1,
    after: 0,
  },
  {
    name: "rebalancePerMinute",
    setting: { rebalancePerMinute: 10 },
    next: [at("60s", powerOn("w3"))],
    until: 240,
    look: ({ world }) => runningOf(world, "web").some(({ nodeId }) => nodeId === "w3"),
    before: false,
    after: true,
  },
];

test("every setting has its row, but labels, of which the cluster makes nothing", () => {
  const named = new Set([...rows.map(({ name }) => name), "labels"]);
  expect([...named].sort()).toEqual(Object.keys(defaultClusterSpec).sort());
});

test.each(rows.map((row) => [JSON.stringify(row.setting), row] as const))(
  "%s holds at once, and under the next leader",
  (_name, row) => {
    expect(row.look(run(row, []))).toEqual(row.before);
    expect(row.look(run(row, [at("45s", configure(row.setting))]))).toEqual(row.after);
  },
);

function run({ base, next = [], until }: Row, change: readonly Step[]): Seen {
  const rest = at(`${until + 10}s`, network({}));
  const first = base === undefined ? [] : [at("40s", configure(base))];
  const plan: ScenarioPlan = {
    name: "a setting is changed",
    story: "Then the leader is lost.",
    topology: { managers: 3, workers: [{ count: 2 }, { name: "w3", joins: true }] },
    services: [web],
    steps: [...first, ...change, at("50s", crash("leader")), ...next, rest],
    expect: [],
  };
  const seen = { beats: 0, downAt: null, orphanedAt: null } as unknown as Seen;
  const watch = (world: World) => {
    seen.world = world;
    return watcher(seen);
  };
  const { verdict, elections } = simulate(plan, "1", { until: until * 1e6, observer: { watch } });
  expect({ verdict, elections }).toEqual({ verdict: "pass", elections: 2 });
  return seen;
}

function watcher(seen: Seen) {
  return {
    sent({ name }: Host, _to: string, message: NodeMessage): void {
      const isBeat = message.kind === "agent" && message.message.kind === "heartbeat";
      if (name === "w1" && isBeat) seen.beats += 1;
    },
    committed({ events }: Commit): void {
      const now = seen.world.kernel.now / 1e6;
      for (const { current } of events) {
        const isDown = current?.kind === "node" && current.status.state === "down";
        if (isDown && current.id === "w1") seen.downAt ??= now;
        const isOrphan = current?.kind === "task" && current.status.state === TaskState.ORPHANED;
        if (isOrphan) seen.orphanedAt ??= now;
      }
    },
  };
}

function tasksOf({ history }: World, name: string) {
  const id = history.view.named("service", name)?.id ?? "";
  return [...history.view.tasksOfService(id).values()];
}

function runningOf(world: World, name: string) {
  return tasksOf(world, name).filter(({ status }) => status.state === TaskState.RUNNING);
}

function hoursOfCertificate({ hosts }: World, name: string): number | null {
  const held = hosts.find((host) => host.name === name)?.signer.held.certificate ?? null;
  return held === null ? null : Math.round((held.notAfter - held.notBefore) / 3600e6);
}
