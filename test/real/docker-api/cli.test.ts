import { execFile, spawnSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Service } from "../../../core/model/service.ts";
import type { Task } from "../../../core/model/task.ts";
import { isTerminal, TaskState } from "../../../core/model/task-state.ts";
import { isUpdating } from "../../../core/model/update-config.ts";
import { dockerEngine, testImage } from "../../support/docker.ts";
import {
  type Exchange,
  normalized,
  parseTranscript,
  printTranscript,
} from "../../support/docker-transcript.ts";
import { patienceMs } from "../../support/patience.ts";
import { RealCluster, until } from "../../support/real-cluster.ts";

// Goal: the real `docker` CLI prints against a cluster of swarmd what it prints against Docker's
// own Swarm, and where it does not, transcript.txt says why.
// Method: the transcript, command by command, with each `docker` that this machine has, side by
// side. With the CLI that it is of it is told on a real engine, and texts are compared; with others
// on plain processes, and exit codes are: they tell whether what that CLI asks is understood.
// UPDATE=1 writes what is new into the transcript, to be given its reason by hand.

const recordedWith = "20.10.24";
const docs = fileURLToPath(new URL("../../../docs/docker-api.md", import.meta.url));
const stack = `version: "3.8"
services:
  a:
    image: busybox:local
    command: sleep 100000
    networks: [hostnet]
    deploy: {replicas: 2, restart_policy: {delay: 0s}}
networks:
  hostnet: {external: true, name: host}
`;

/** Each `docker` on the path, by its version. */
function installed(): [string, string][] {
  const found = spawnSync("which", ["-a", "docker"], { encoding: "utf8" }).stdout.trim();
  const paths = new Set(
    found
      .split("\n")
      .filter(Boolean)
      .map((path) => realpathSync(path)),
  );
  return [...paths].map((path) => {
    const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8" });
    return [/version (\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? "", path];
  });
}

type Asked = Pick<Exchange, "node" | "command">;

interface Story {
  readonly file: string;
  /** Whether each command ends the same when asked again: all clients ask one cluster then. */
  readonly isRepeatable?: boolean;
  /** Starts the nodes. */
  begin(cluster: RealCluster): Promise<void>;
  /** Runs before the transcript. */
  readonly before: Asked | null;
  /** Waits until what was asked for is so. */
  settle(cluster: RealCluster): Promise<void>;
  /** What commands name by `$NAME`. */
  env(cluster: RealCluster): NodeJS.ProcessEnv;
}

/** Beside the folders of the nodes; `docker.sock` is that of the only one. */
function socketOf(cluster: RealCluster, node: string): string {
  return join(cluster.folder, node === "" ? "docker.sock" : `${node}-docker.sock`);
}

/** What the recorded cluster of five had before. */
const before = `
  for node in m1 m2 m3; do docker node update --availability drain $node; done
  create="docker service create --detach --no-resolve-image --name"
  for name in fo1-8241 fo2-21741 fo3-32740; do $create $name --replicas 0 busybox:local; done
  $create nd --replicas 4 busybox:local sleep 1000`;

const stories: readonly Story[] = [
  {
    file: "transcript.txt",
    async begin(cluster) {
      (await cluster.node("vm", "--docker-socket", socketOf(cluster, ""))).start();
      await cluster.ready(1);
      writeFileSync(join(cluster.folder, "stack.yml"), stack);
    },
    ...{ before: null, settle: settled, env: () => ({}) },
  },
  {
    ...{ file: "transcript-of-five.txt", isRepeatable: true, begin: beginWithFive },
    ...{ before: { node: "m1", command: before }, settle: settled, env: () => ({}) },
  },
  {
    file: "transcript-standby.txt",
    async begin(cluster) {
      for (const name of ["s1", "s2"]) {
        const node = await cluster.node(
          name,
          "--standby",
          "--docker-socket",
          socketOf(cluster, name),
        );
        node.start();
      }
      const sockets = ["s1", "s2"].map((name) => socketOf(cluster, name));
      await until("two sockets", async () => sockets.every(existsSync) || null);
    },
    ...{ before: null, settle: async () => undefined, env: placesOf },
  },
];

/** Where the two nodes on standby are to listen, and how each is asked. */
function placesOf(cluster: RealCluster): NodeJS.ProcessEnv {
  const entries = ["s1", "s2"].flatMap((name, at) => {
    const { address } = cluster.named(name);
    const socket = `unix://${socketOf(cluster, name)}`;
    return [`S${at + 1}=${socket}`, `A${at + 1}=${address}`, `L${at + 1}=${address}`];
  });
  return Object.fromEntries(entries.map((entry) => entry.split("=")));
}

async function beginWithFive(cluster: RealCluster): Promise<void> {
  const more = (name: string) => ["--docker-socket", socketOf(cluster, name)];
  (await cluster.node("m1", ...more("m1"))).start();
  for (const name of ["m2", "m3"]) await cluster.join(name, "manager", ...more(name));
  for (const name of ["w1", "w2"]) await cluster.join(name, "worker", ...more(name));
  await cluster.ready(5);
  for (const name of ["m2", "m3"]) await cluster.hasVote(cluster.named(name));
}

function transcriptOf({ file }: Story) {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return { path, exchanges: parseTranscript(readFileSync(path, "utf8")) };
}

/** The one that the transcripts are of comes first. */
const clients = installed().sort(([a], [b]) => +(b === recordedWith) - +(a === recordedWith));

describe.each(stories)("$file", (story) => {
  const first = story.isRepeatable === true ? clients.slice(0, 1) : clients;
  describe.concurrent.each(first)("with docker %s", (version, path) => {
    told(story, version, path, story.isRepeatable === true ? clients.slice(1) : []);
  });
});

/** One command after another, each once the last is settled; then by the others in their turn. */
function told(story: Story, version: string, path: string, others: typeof clients): void {
  const transcript = transcriptOf(story);
  let cluster: RealCluster;
  const written: Exchange[] = [];

  beforeAll(async () => {
    const engine = path === clients[0]?.[1] ? await dockerEngine() : null;
    if (engine !== null) spawnSync(path, ["--host", engine, "tag", testImage, "busybox:local"]);
    cluster = new RealCluster({ machines: null, engine });
    await story.begin(cluster);
    if (story.before === null) return;
    await run(story.before);
    await story.settle(cluster);
  });

  afterAll(async () => {
    await cluster.stop();
    if (process.env.UPDATE === "1" && version === recordedWith) {
      writeFileSync(transcript.path, printTranscript(written));
    }
  });

  function run({ node, command }: Asked, client = path): Promise<string> {
    const env = {
      HOME: cluster.folder,
      PATH: process.env.PATH,
      DOCKER_HOST: `unix://${socketOf(cluster, node)}`,
      ...story.env(cluster),
    };
    const script = `docker() { ${client} "$@"; }; ${command}`;
    const options = { cwd: cluster.folder, env, timeout: patienceMs };
    return new Promise((resolve) => {
      execFile("bash", ["-c", `{ ${script}\n} 2>&1`], options, (error, stdout) => {
        resolve(`${stdout}[exit ${error === null ? 0 : error.code}]`);
      });
    });
  }

  test.sequential.each(transcript.exchanges)("$node $command", async (exchange) => {
    const text = await run(exchange);
    await story.settle(cluster);
    written.push(withOurs(exchange, text));
    const expected = exchange.ours?.text ?? exchange.docker;
    if (version !== recordedWith) expect(exitOf(text)).toBe(exitOf(expected));
    else if (process.env.UPDATE !== "1") expect(normalized(text)).toBe(normalized(expected));
    for (const [another, otherPath] of others) {
      const again = await run(exchange, otherPath);
      expect(exitOf(again), another).toBe(exitOf(expected));
    }
  });
}

test("every difference is one, and the documentation gives its reason", () => {
  const described = readFileSync(docs, "utf8");
  for (const { command, docker, ours } of stories.flatMap((each) => transcriptOf(each).exchanges)) {
    if (ours === null) continue;
    expect(normalized(ours.text), command).not.toBe(normalized(docker));
    expect(described).toContain(ours.reason);
  }
});

function withOurs(exchange: Exchange, text: string): Exchange {
  const own = normalized(text);
  if (own === normalized(exchange.docker)) return { ...exchange, ours: null };
  const { ours } = exchange;
  if (ours !== null && own === normalized(ours.text)) return exchange;
  return { ...exchange, ours: { reason: ours?.reason ?? "not known yet", text } };
}

function exitOf(text: string): string | undefined {
  return /\[exit -?\d+\]$/.exec(text)?.[0];
}

/** Waits until every task is what it is to be, or says why it can't, and stays so for a moment. */
async function settled({ first }: RealCluster): Promise<void> {
  let quiet = 0;
  await until("a cluster at rest", async () => {
    const query = { kind: "list-tasks", service: null } as const;
    const tasks = await first.client.query(query);
    const services = await first.client.query({ kind: "list-services" });
    const known = new Set(services.map(({ id }) => id));
    const isQuiet =
      services.every(({ updateStatus }) => !isUpdating(updateStatus)) &&
      !services.some((service) => isToRestart(service, tasks)) &&
      tasks.every((task) => !known.has(task.serviceId) || isAtRest(task));
    quiet = isQuiet ? quiet + 1 : 0;
    return quiet === 2 || null;
  });
}

/** All that its slot has had has failed, and may be tried once more. */
function isToRestart({ id, spec }: Service, tasks: readonly Task[]): boolean {
  const { maxAttempts } = spec.task.restart;
  const states = tasks
    .filter(({ serviceId }) => serviceId === id)
    .map(({ status }) => status.state);
  const isDown = states.length > 0 && states.every((state) => state === TaskState.FAILED);
  return isDown && states.length <= maxAttempts;
}

function isAtRest({ spec, status, desiredState }: Task): boolean {
  if (isTerminal(status.state)) return true;
  // What ends by itself has yet to.
  if (spec.container.args.includes("false")) return false;
  if (status.state === TaskState.RUNNING) return desiredState === TaskState.RUNNING;
  return status.err !== "" && desiredState !== TaskState.SHUTDOWN;
}
