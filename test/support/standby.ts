import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Docker from "dockerode";
import { expect } from "vitest";
import { freePort } from "../../real/daemon/dev.ts";
import { StateDir } from "../../real/daemon/state-dir.ts";
import { type RealCluster, type RealNode, until } from "./real-cluster.ts";

/** Real nodes on standby, which are told by dockerode what to do. */

// biome-ignore lint/suspicious/noExplicitAny: dockerode's own types lag behind Docker's.
export type Loose = any;

/** A node, its Docker API, and where it will listen. */
export class Standby {
  readonly node: RealNode;
  readonly docker: Docker;
  readonly loose: Loose;
  readonly address: string;

  private constructor(node: RealNode, socketPath: string, address: string) {
    this.node = node;
    this.docker = new Docker({ socketPath });
    this.loose = this.docker;
    this.address = address;
  }

  static async start(cluster: RealCluster, name: string, ...more: string[]): Promise<Standby> {
    const socket = join(cluster.folder, `${name}.docker`);
    const node = await cluster.node(name, "--standby", "--docker-socket", socket, ...more);
    const standby = new Standby(node, socket, `127.0.0.1:${await freePort()}`);
    await standby.restart();
    return standby;
  }

  async restart(): Promise<void> {
    await this.node.end("SIGKILL");
    this.node.start();
    await until(`an answer of ${this.node.name}`, () => this.docker.info());
  }

  async state(): Promise<string> {
    return (await this.docker.info()).Swarm.LocalNodeState;
  }

  async hasState(wanted: string): Promise<void> {
    await until(`${this.node.name} ${wanted}`, async () => (await this.state()) === wanted || null);
  }

  init(more: object = {}): Promise<string> {
    return this.loose.swarmInit({ ...this.place, ForceNewCluster: false, ...more });
  }

  async join(other: Standby, role: "Manager" | "Worker", more: object = {}): Promise<void> {
    const JoinToken = (await other.loose.swarmInspect()).JoinTokens[role];
    await this.loose.swarmJoin({ ...this.place, RemoteAddrs: [other.address], JoinToken, ...more });
  }

  leave(force = false): Promise<void> {
    return this.loose.swarmLeave({ force });
  }

  get place() {
    return { ListenAddr: this.address, AdvertiseAddr: this.address };
  }

  get isMember(): boolean {
    return new StateDir(this.node.folder).read() !== null;
  }

  /** Nothing is left but the word that it has left. */
  get isEmpty(): boolean {
    return readdirSync(this.node.folder).join() === "state.json";
  }
}

/** What dockerode rejects with. */
export const refused = (statusCode: number, words: string) => ({
  statusCode,
  json: { message: expect.stringContaining(words) },
});

export const sleeper = {
  ContainerSpec: { Image: "any", Command: ["sleep", "1000"] },
  RestartPolicy: { Delay: 0 },
};

/** What the node has started for its tasks; a task that runs says a moment later what it is. */
export function processesOf({ node }: Standby): Promise<number[]> {
  const { tasks } = new StateDir(node.folder);
  return until(`processes of ${node.name}`, async () => {
    const files = readdirSync(tasks).map((task) => join(tasks, task, "pid"));
    const said = files.filter(existsSync).map((file) => readFileSync(file, "utf8").trim());
    return said.length > 0 && said.every((pid) => pid !== "") ? said.map(Number) : null;
  });
}

/** What was killed is gone once whoever started it has noticed. */
export async function ended(processes: readonly number[]): Promise<void> {
  await until("the end of what ran", async () => !processes.some(isAlive) || null);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
