import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";
import { connect } from "../../real/docker/client.ts";
import { ownEngine } from "../support/docker.ts";
import { Machines } from "../support/machines.ts";
import { RealCluster } from "../support/real-cluster.ts";
import { User } from "../support/user.ts";
import { type Contender, DockerSwarm, Simswarm } from "./contenders.ts";
import { ownSession } from "./own-session.ts";
import { inTime } from "./wait.ts";

/** A cluster of three managers and two workers, each on a machine of its own. */
export interface Fleet {
  start(): Promise<void>;
  /** By way of this manager. */
  at(name: string): Contender;
  leader(): Promise<string>;
  /** The id under which tasks name the node. */
  idOf(name: string): string;
  /** `kill -9`, of the node's daemon alone. */
  kill(name: string): Promise<void>;
  stop(): Promise<void>;
}

export const managerNames = ["m1", "m2", "m3"] as const;
export const workerNames = ["w1", "w2"] as const;
const names = [...managerNames, ...workerNames];
/** For a join, on a machine that has much else to do. */
const joinMs = 120_000;

/** Five nodes of ours, with one engine. */
export class OurFleet implements Fleet {
  readonly cluster: RealCluster;

  constructor(engine: string) {
    this.cluster = new RealCluster({ machines: new Machines(), engine, enter: ownSession });
  }

  async start(): Promise<void> {
    await this.cluster.start(managerNames.length, workerNames.length);
  }

  at(name: string): Contender {
    return new Simswarm(this.cluster.named(name).client);
  }

  async leader(): Promise<string> {
    return (await new User(this.cluster).leader()).name;
  }

  idOf(name: string): string {
    return this.cluster.named(name).id;
  }

  async kill(name: string): Promise<void> {
    await this.cluster.named(name).end("SIGKILL");
  }

  stop(): Promise<void> {
    return this.cluster.stop();
  }
}

interface Engine {
  readonly docker: Docker;
  readonly pid: () => number;
  readonly stop: () => void;
  /** Empty until it is of the swarm. */
  id: string;
}

/** Five engines that are a swarm. */
export class SwarmFleet implements Fleet {
  readonly #machines = new Machines();
  readonly #folder = mkdtempSync(join(tmpdir(), "swarm-fleet-"));
  readonly #engines = new Map<string, Engine>();
  readonly #killed = new Set<string>();

  async start(): Promise<void> {
    for (const name of names) {
      this.#machines.add(name);
      const { address, pid, stop } = this.#own(name);
      this.#engines.set(name, { docker: connect(address), pid, stop, id: "" });
    }
    const [first = ""] = names;
    const { docker } = this.#engine(first);
    const host = (name: string) => this.#machines.address(name).replace(/:.*/, "");
    const init = docker.swarmInit({ ListenAddr: "0.0.0.0:2377", AdvertiseAddr: host(first) });
    await inTime("a new swarm", init, joinMs);
    const { JoinTokens } = (await inTime("its tokens", docker.swarmInspect())) as SwarmTokens;
    for (const name of names.slice(1)) {
      const isManager = managerNames.some((each) => each === name);
      const join = this.#engine(name).docker.swarmJoin({
        ListenAddr: "0.0.0.0:2377",
        AdvertiseAddr: host(name),
        RemoteAddrs: [`${host(first)}:2377`],
        JoinToken: isManager ? JoinTokens.Manager : JoinTokens.Worker,
      });
      await inTime(`${name} in the swarm`, join, joinMs);
    }
    for (const engine of this.#engines.values()) {
      engine.id = ((await inTime("who it is", engine.docker.info())) as SwarmInfo).Swarm.NodeID;
    }
  }

  at(name: string): Contender {
    return new DockerSwarm(this.#engine(name).docker);
  }

  async leader(): Promise<string> {
    const nodes = (await this.#engine("m1").docker.listNodes()) as readonly SwarmNode[];
    const leader = nodes.find(({ ManagerStatus }) => ManagerStatus?.Leader === true);
    const found = [...this.#engines].find(([, { id }]) => id === leader?.ID);
    if (found === undefined) throw new Error("the swarm has no leader");
    return found[0];
  }

  idOf(name: string): string {
    return this.#engine(name).id;
  }

  async kill(name: string): Promise<void> {
    this.#killed.add(name);
    process.kill(this.#engine(name).pid(), "SIGKILL");
  }

  /** Engines that were killed are started again: nobody else can remove their containers. */
  async stop(): Promise<void> {
    try {
      for (const name of this.#killed) this.#own(name);
    } finally {
      for (const { stop } of this.#engines.values()) stop();
      this.#machines.remove();
      rmSync(this.#folder, { recursive: true, force: true });
    }
  }

  #own(name: string): ReturnType<typeof ownEngine> {
    return ownEngine(join(this.#folder, name), this.#machines.enter(name));
  }

  #engine(name: string): Engine {
    return this.#engines.get(name) as Engine;
  }
}

interface SwarmTokens {
  readonly JoinTokens: { readonly Manager: string; readonly Worker: string };
}

interface SwarmInfo {
  readonly Swarm: { readonly NodeID: string };
}

interface SwarmNode {
  readonly ID: string;
  readonly ManagerStatus?: { readonly Leader?: boolean };
}
