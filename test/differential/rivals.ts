import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { ownEngine } from "../support/docker.ts";
import { Machines } from "../support/machines.ts";
import { RealCluster, until } from "../support/real-cluster.ts";
import { Side } from "./side.ts";

const names = ["swarm", "ours"] as const;

/** Of a new swarm: what each side would choose for itself is said. */
const settings = {
  ListenAddr: "127.0.0.1:2377",
  AdvertiseAddr: "127.0.0.1:2377",
  DefaultAddrPool: ["10.77.0.0/16"],
  SubnetSize: 24,
  Spec: { Dispatcher: { HeartbeatPeriod: 5_000_000_000 } },
};

/** Two engines, each on a machine of its own: one has its own swarm, the other runs our tasks. */
export class Rivals {
  readonly #folder = mkdtempSync(join(tmpdir(), "rivals-"));
  readonly #machines = new Machines();
  readonly #engines: ReturnType<typeof ownEngine>[] = [];
  #cluster: RealCluster | null = null;
  swarm = new Side("Swarm", "");
  ours = new Side("simswarm", "");

  async start(): Promise<void> {
    for (const name of names) {
      this.#machines.add(name);
      const way = this.#machines.enter(name);
      this.#engines.push(ownEngine(join(this.#folder, name), way));
    }
    const [swarm = "", engine = ""] = this.#engines.map(({ address }) => address);
    const socket = join(this.#folder, "simswarm.sock");
    const enter = () => this.#machines.enter("ours");
    this.#cluster = new RealCluster({ machines: null, engine, enter });
    const flags = ["--standby", "--docker-socket", socket, "--hostname", hostname()];
    (await this.#cluster.node("m1", ...flags)).start();
    this.swarm = new Side("Swarm", swarm.replace("unix://", ""));
    this.ours = new Side("simswarm", socket);
    await until("our socket", async () => existsSync(socket) || null);
  }

  /** Both begin again with an empty swarm. */
  async renew(): Promise<void> {
    await Promise.all(
      [this.swarm, this.ours].map(async (side) => {
        const { Swarm } = await side.must("GET", "/info");
        if (Swarm.LocalNodeState !== "inactive") await side.must("POST", "/swarm/leave?force=true");
        await side.must("POST", "/swarm/init", settings);
        await until("a node", async () => {
          const nodes = await side.must("GET", "/nodes");
          return nodes[0]?.Status.State === "ready" || null;
        });
        side.begin();
      }),
    );
  }

  async stop(): Promise<void> {
    // An engine that is gone already has nothing of ours.
    await this.#cluster?.stop().catch(() => undefined);
    for (const engine of this.#engines) engine.stop();
    this.#machines.remove();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
