import { readdirSync, readFileSync } from "node:fs";
import { Agent } from "node:http";
import Docker from "dockerode";
import { connect } from "../../real/docker/client.ts";
import { RealCluster } from "../support/real-cluster.ts";
import { type Contender, DockerSwarm, Simswarm } from "./contenders.ts";
import { LoneEngine } from "./lone-engine.ts";
import { ownSession } from "./own-session.ts";
import { inTime } from "./wait.ts";

/** A cluster of one manager that nothing else is asked of. */
export interface LoneManager {
  start(): Promise<void>;
  /** By way of a connection of its own. */
  connection(): Contender;
  /** What its processes hold of the machine's memory. */
  residentMb(): number;
  stop(): Promise<void>;
}

/** An engine of its own that is a swarm: the engine's memory is the manager's. */
export class SwarmManager implements LoneManager {
  readonly #engine = new LoneEngine();
  readonly #agents: Agent[] = [];
  #address = "";

  async start(): Promise<void> {
    this.#address = this.#engine.start();
    const at = { ListenAddr: "127.0.0.1:2377", AdvertiseAddr: "127.0.0.1" };
    await inTime("a new swarm", connect(this.#address).swarmInit(at));
  }

  connection(): Contender {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    this.#agents.push(agent);
    const options = { socketPath: this.#address.replace("unix://", ""), agent };
    return new DockerSwarm(new Docker(options));
  }

  residentMb(): number {
    return residentMb([this.#engine.pid, ...childrenOf(this.#engine.pid)]);
  }

  async stop(): Promise<void> {
    for (const agent of this.#agents) agent.destroy();
    this.#engine.stop();
  }
}

/** A `swarmd`, asked over its socket. */
export class OurManager implements LoneManager {
  readonly #cluster = new RealCluster({ machines: null, engine: null, enter: ownSession });
  readonly #contenders: Simswarm[] = [];

  start(): Promise<void> {
    return this.#cluster.start(1, 0);
  }

  connection(): Contender {
    const contender = new Simswarm(this.#cluster.first.newClient(30_000));
    this.#contenders.push(contender);
    return contender;
  }

  residentMb(): number {
    return residentMb([this.#cluster.first.pid]);
  }

  async stop(): Promise<void> {
    for (const contender of this.#contenders) contender.close();
    await this.#cluster.stop();
  }
}

function residentMb(pids: readonly number[]): number {
  const kilobytes = pids.map((pid) => {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
  });
  return kilobytes.reduce((sum, each) => sum + each, 0) / 1024;
}

/** The processes that it has started itself: an engine starts `containerd`. */
function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    const children = readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8");
    return children.split(" ").filter(Boolean).map(Number);
  });
}
