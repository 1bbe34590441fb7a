import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { stateName } from "../../core/model/task-state.ts";
import type { NodeEvent } from "../../core/node/event.ts";
import type { Node } from "../../core/node/node.ts";
import type { PeerNetwork } from "../grpc/peer-network.ts";
import type { Traffic, TrafficName } from "../ingress/traffic.ts";
import type { OverlayFigures, Overlays } from "../overlay/overlays.ts";

/** What is counted while it happens. */
export interface Metrics {
  readonly registry: Registry;
  happened(event: NodeEvent): void;
}

/** Metrics of the process, which nodes come and go in: once for all, as they are never let go. */
export function processMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/**
 * Prometheus metrics of one node, in a registry of its own. Most are read from the node when
 * somebody asks; names begin with `swarm_`.
 */
export function newMetrics(
  node: () => Node | null,
  network: PeerNetwork,
  traffic: Traffic,
  overlays: Overlays,
): Metrics {
  const registry = new Registry();
  raftMetrics(registry, node);
  storeMetrics(registry, node);
  networkMetrics(registry, network);
  ingressMetrics(registry, traffic);
  overlayMetrics(registry, overlays);
  const registers = [registry];
  const elections = new Counter({
    name: "swarm_raft_leader_changes_total",
    help: "Times that another leader was known, or none",
    registers,
  });
  const applied = new Counter({
    name: "swarm_store_entries_applied_total",
    help: "Raft entries applied to the store",
    registers,
  });
  let leader: string | null = null;
  return {
    registry,
    happened(event) {
      if (event.kind === "applied") applied.inc();
      if (event.kind !== "role" || event.leader === leader) return;
      leader = event.leader;
      elections.inc();
    },
  };
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}

function overlayMetrics(registry: Registry, overlays: Overlays): void {
  const read = (name: keyof OverlayFigures) => () => overlays.figures[name];
  const [here, elsewhere] = ["Overlays that tasks here are in", "Their tasks on other nodes"];
  const broken = "Overlays in which this node does not reach the tasks on other nodes";
  gauge(registry, "swarm_overlays", here, read("overlays"));
  gauge(registry, "swarm_overlay_remote_tasks", elsewhere, read("remote"));
  gauge(registry, "swarm_overlays_broken", broken, read("broken"));
}

function raftMetrics(registry: Registry, node: () => Node | null): void {
  const status = () => node()?.member?.raft.status();
  gauge(registry, "swarm_manager", "1 on a manager", () => (status() === undefined ? 0 : 1));
  gauge(registry, "swarm_leader", "1 on the leader", () => (status()?.role === "leader" ? 1 : 0));
  gauge(registry, "swarm_raft_term", "Raft's term", () => status()?.term ?? 0);
  gauge(registry, "swarm_raft_commit_index", "Last entry committed", () => status()?.commit ?? 0);
  gauge(registry, "swarm_raft_applied_index", "Last entry applied", () => status()?.applied ?? 0);
  gauge(registry, "swarm_raft_first_index", "First entry kept", () => status()?.firstIndex ?? 0);
}

function storeMetrics(registry: Registry, node: () => Node | null): void {
  new Gauge({
    name: "swarm_objects",
    help: "Objects in the store, by table",
    labelNames: ["table"],
    registers: [registry],
    collect() {
      const store = node()?.member?.store;
      this.reset();
      if (store === undefined) return;
      const { nodes, services, tasks, secrets, configs, volumes, networks } = store;
      const tables = { nodes, services, tasks, secrets, configs, volumes, networks };
      for (const [table, { size }] of Object.entries(tables)) this.set({ table }, size);
    },
  });
  new Gauge({
    name: "swarm_tasks",
    help: "Tasks in the store, by state",
    labelNames: ["state"],
    registers: [registry],
    collect() {
      this.reset();
      for (const { status } of node()?.member?.store.tasks.values() ?? []) {
        this.inc({ state: stateName(status.state).toLowerCase() });
      }
    },
  });
}

function networkMetrics(registry: Registry, network: PeerNetwork): void {
  gauge(registry, "swarm_peers_connected", "Peers with an open stream", () => network.connected);
  new Counter({
    name: "swarm_datagrams_dropped_total",
    help: "Datagrams that were not sent",
    registers: [registry],
    collect() {
      this.reset();
      this.inc(network.dropped);
    },
  });
}

function ingressMetrics(registry: Registry, traffic: Traffic): void {
  gauge(registry, "swarm_ingress_connections", "Connections to published ports that are open", () =>
    traffic.count("open"),
  );
  const counter = (name: string, help: string, label: string, cells: [TrafficName, string][]) =>
    new Counter({
      name,
      help,
      labelNames: label === "" ? [] : [label],
      registers: [registry],
      collect() {
        this.reset();
        for (const [cell, value] of cells) {
          this.inc(label === "" ? {} : { [label]: value }, traffic.count(cell));
        }
      },
    });
  counter("swarm_ingress_connections_total", "Connections carried to tasks", "", [["carried", ""]]);
  counter("swarm_ingress_refused_total", "Clients turned away, and why", "reason", [
    ["turnedAway", "full"],
    ["unreachable", "no-task-accepts"],
  ]);
  counter("swarm_ingress_bytes_total", "Bytes of clients to tasks (in), and back", "direction", [
    ["bytesIn", "in"],
    ["bytesOut", "out"],
  ]);
}
