import { Agent, get } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ms } from "../../../core/base/time.ts";
import type { ServiceSpec } from "../../../core/model/service.ts";
import { serviceSpec } from "../../../core/model/service-defaults.ts";
import type { UpdateConfig } from "../../../core/model/update-config.ts";
import { freePort } from "../../../real/daemon/dev.ts";
import { withVersion } from "../../support/container-sleeper.ts";
import { dockerEngine, testImage } from "../../support/docker.ts";
import { network as networkOf } from "../../support/model.ts";
import { patienceMs } from "../../support/patience.ts";
import { RealCluster, until } from "../../support/real-cluster.ts";
import { User } from "../../support/user.ts";

// Goal: nobody who asks a published port notices that the service behind it is updated.
// Method: a manager and two workers, each with an address of its own for published ports, with
// containers of one Docker engine as tasks; requests by way of all nodes all the while.

/** Between two requests of one guest: without it they would take the processor from the cluster. */
const asksMs = 20;

const hosts = ["127.0.0.11", "127.0.0.12", "127.0.0.13"];
let published = 0;
let networkId = "";
let cluster: RealCluster;
let user: User;

beforeAll(async () => {
  cluster = new RealCluster({ machines: null, engine: await dockerEngine() });
  published = await freePort();
  const [m1, w1, w2] = hosts.map((host) => ["--listen-ingress", host]) as [
    string[],
    string[],
    string[],
  ];
  (await cluster.node("m1", ...m1)).start();
  await cluster.join("w1", "worker", ...w1);
  await cluster.join("w2", "worker", ...w2);
  await cluster.ready(3);
  user = new User(cluster);
  const { spec } = networkOf("front");
  networkId = await cluster.first.client.command({ kind: "create-network", spec });
});

afterAll(() => cluster?.stop());

/** A web server that takes a moment to come, and ends at once when it is told to. */
function web(replicas: number, update: Partial<UpdateConfig>): ServiceSpec {
  const spec = serviceSpec("web", testImage, replicas);
  const script =
    'mkdir /www; echo "$VERSION" >/www/index.html; sleep 0.3; exec httpd -f -p 80 -h /www';
  const port = { name: "", protocol: "tcp", targetPort: 80, publishedPort: published } as const;
  const { container, restart } = spec.task;
  const health = {
    ...{ test: ["CMD-SHELL", "wget -q -O /dev/null http://127.0.0.1/"], retries: 3 },
    ...{ interval: ms(1_000), timeout: ms(20_000), startPeriod: ms(60_000) },
  };
  const command = ["/bin/sh", "-c", script];
  const task = {
    ...spec.task,
    container: { ...container, command, health, stopSignal: "SIGKILL" },
    restart: { ...restart, delay: ms(0) },
    networks: [{ target: networkId, aliases: [] }],
  };
  const endpoint = { mode: "vip", ports: [{ ...port, publishMode: "ingress" }] } as const;
  const rollout = { ...spec.update, parallelism: 1, monitor: ms(200), ...update };
  return withVersion({ ...spec, task, update: rollout, endpoint }, "1");
}

/** One request on a connection of its own: what is answered, or the error's code. */
function ask(host: string): Promise<string> {
  return new Promise((resolve) => {
    const options = { host, port: published, agent: new Agent(), timeout: patienceMs };
    const request = get(options, async (response) => {
      let said = "";
      for await (const piece of response.setEncoding("utf8")) said += piece;
      resolve(`${response.statusCode} ${said.trim()}`);
    });
    request.once("timeout", () => request.destroy(new Error("timeout")));
    request.once("error", (error: NodeJS.ErrnoException) => resolve(`! ${error.code}`));
  });
}

/** How often each answer was given, by way of all nodes in turn, while `happens`. */
async function meanwhile(happens: () => Promise<unknown>): Promise<Map<string, number>> {
  const heard = new Map<string, number>();
  let isOver = false;
  const guest = async (first: number) => {
    for (let at = first; !isOver; at += 1) {
      const said = await ask(hosts[at % hosts.length] as string);
      await pause(asksMs);
      heard.set(said, (heard.get(said) ?? 0) + 1);
    }
  };
  const guests = Promise.all([0, 1, 2].map(guest));
  try {
    await happens();
  } finally {
    isOver = true;
    await guests;
  }
  return heard;
}

async function updated(version: string): Promise<void> {
  await user.change("web", (spec) => withVersion(spec, version));
  await until("the end of the update", async () => {
    return (await user.service("web")).updateStatus?.state === "completed" || null;
  });
}

test.each<["start-first" | "stop-first", number]>([
  ["start-first", 1],
  ["start-first", 3],
  ["stop-first", 2],
])("nobody is turned away by an update that is %s, of %i replicas", async (order, replicas) => {
  await user.create(web(replicas, { order }));
  await user.running("web", replicas);
  for (const host of hosts) {
    await until(`an answer of ${host}`, async () => (await ask(host)) === "200 1" || null);
  }
  const heard = await meanwhile(async () => {
    await updated("2");
    await updated("3");
  });
  expect([...heard.keys()].sort()).toEqual(["200 1", "200 2", "200 3"]);
  await until("only the new ones", async () => (await ask(hosts[0] as string)) === "200 3" || null);
  await user.remove("web");
  await until("nobody", async () => (await ask(hosts[0] as string)).startsWith("!") || null);
});
