import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownEngine } from "../support/docker.ts";
import { Machines } from "../support/machines.ts";
import { RealCluster, until } from "../support/real-cluster.ts";
import { Side } from "./side.ts";

/** Goes before a command that is to run where the machine is called so. */
const named = (name: string) => [
  ...["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', name],
];

/**
 * Two swarms of so many nodes, each node with an engine on a machine of its own: those of one have
 * Docker's own swarm, those of the other run our tasks. Machines of the same number have the same
 * name and address on both sides, and see their own side only.
 */
export class Rivals {
  readonly #folder = mkdtempSync(join(tmpdir(), "rivals-"));
  readonly #names: readonly string[];
  readonly #machines: { readonly swarm: Machines; readonly ours: Machines };
  readonly #engines: ReturnType<typeof ownEngine>[] = [];
  #cluster: RealCluster | null = null;
  swarm = new Side("Swarm", new Map());
  ours = new Side("simswarm", new Map());

  constructor(count: number) {
    this.#names = Array.from({ length: count }, (_, at) => `n${at + 1}`);
    this.#machines = { swarm: new Machines(), ours: new Machines() };
  }

  get isCluster(): boolean {
    return this.#names.length > 1;
  }

  async start(): Promise<void> {
    const swarm = new Map(this.#names.map((name) => [name, this.#engine("swarm", name)]));
    const engines = new Map(this.#names.map((name) => [name, this.#engine("ours", name)]));
    const enter = (name: string) => this.#enter("ours", name);
    const engine = (name: string) => engines.get(name) ?? "";
    this.#cluster = new RealCluster({ machines: null, engine, enter });
    const sockets = new Map<string, string>();
    for (const name of this.#names) {
      const socket = join(this.#folder, `${name}.sock`);
      const flags = ["--standby", "--docker-socket", socket];
      (await this.#cluster.node(name, ...flags)).start();
      sockets.set(name, socket);
    }
    const paths = [...swarm].map(([name, address]) => [name, address.replace("unix://", "")]);
    this.swarm = new Side("Swarm", new Map(paths as [string, string][]));
    this.ours = new Side("simswarm", sockets);
    for (const socket of sockets.values()) {
      await until("our socket", async () => existsSync(socket) || null);
    }
  }

  /** Both begin again with an empty swarm. */
  async renew(): Promise<void> {
    await Promise.all(
      [this.swarm, this.ours].map(async (side) => {
        await Promise.all(side.nodes.map((node) => this.#leave(side, node)));
        await this.#found(side);
        await side.begin();
      }),
    );
  }

  async stop(): Promise<void> {
    // An engine that is gone already has nothing of ours.
    await this.#cluster?.stop().catch(() => undefined);
    for (const engine of this.#engines) engine.stop();
    for (const machines of Object.values(this.#machines)) machines.remove();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #engine(side: "swarm" | "ours", name: string): string {
    this.#machines[side].add(name);
    const engine = ownEngine(join(this.#folder, side, name), this.#enter(side, name));
    this.#engines.push(engine);
    return engine.address;
  }

  #enter(side: "swarm" | "ours", name: string): readonly string[] {
    return [...this.#machines[side].enter(name), ...named(name)];
  }

  async #leave(side: Side, node: string): Promise<void> {
    const { Swarm } = await side.must("GET", "/info", null, node);
    if (Swarm.LocalNodeState === "inactive") return;
    await side.must("POST", "/swarm/leave?force=true", null, node);
  }

  /** What each side would choose for itself is said. */
  async #found(side: Side): Promise<void> {
    const [first = "", ...others] = this.#names;
    await side.must("POST", "/swarm/init", {
      ...this.#place(first),
      DefaultAddrPool: ["10.77.0.0/16"],
      SubnetSize: 24,
      Spec: { Dispatcher: { HeartbeatPeriod: 5_000_000_000 } },
    });
    const { JoinTokens } = await side.must("GET", "/swarm");
    for (const name of others) {
      const RemoteAddrs = [this.#place(first).AdvertiseAddr];
      const body = { ...this.#place(name), RemoteAddrs, JoinToken: JoinTokens.Worker };
      await side.must("POST", "/swarm/join", body, name);
    }
    await until("the nodes", async () => {
      const nodes: { Status: { State: string } }[] = await side.must("GET", "/nodes");
      const ready = nodes.filter(({ Status }) => Status.State === "ready");
      return ready.length === this.#names.length || null;
    });
  }

  #place(name: string): { ListenAddr: string; AdvertiseAddr: string } {
    const address = this.#machines.swarm.address(name).replace(/:\d+$/, ":2377");
    return { ListenAddr: address, AdvertiseAddr: address };
  }
}
