import { setTimeout as pause } from "node:timers/promises";
import Docker from "dockerode";
import { RealCluster } from "../support/real-cluster.ts";
import { type Contender, DockerSwarm, Simswarm } from "./contenders.ts";

const address = process.argv[2] ?? "";
const rounds = Number(process.argv[3] ?? 3);
const docker = new Docker({ socketPath: address.replace("unix://", "") });

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 120_000;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error("never came");
    await pause(20);
  }
}
async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
async function containers(service: string) {
  const label = [`com.docker.swarm.service.name=${service}`];
  return docker.listContainers({ all: true, filters: { label } });
}

async function round(contender: Contender, number: number): Promise<number[]> {
  const service = `bench-${contender.name === "simswarm" ? "a" : "b"}-${number}`;
  const runs = (count: number, version: string) => async () =>
    (await contender.running(service, version)).length === count;
  const figures: number[] = [];
  figures.push(
    await timed(async () => {
      await contender.create(service, 1);
      await until(runs(1, "1"));
    }),
  );
  await pause(300);
  figures.push(
    await timed(async () => {
      await contender.scale(service, 20);
      await until(runs(20, "1"));
    }),
  );
  await pause(300);
  figures.push(
    await timed(async () => {
      await contender.update(service, "2");
      await until(runs(20, "2"));
    }),
  );
  await pause(6000);
  const before = new Set(await contender.running(service, "2"));
  const victim = (await containers(service)).find(({ State }) => State === "running");
  figures.push(
    await timed(async () => {
      await docker.getContainer(victim?.Id ?? "").kill();
      await until(async () => {
        const now = await contender.running(service, "2");
        return now.length === 20 && now.some((id) => !before.has(id));
      });
    }),
  );
  await pause(300);
  figures.push(
    await timed(async () => {
      await contender.remove(service);
      await until(async () => (await containers(service)).length === 0);
    }),
  );
  console.log(contender.name.padEnd(14), figures.map((each) => each.toFixed(2)).join("  "));
  return figures;
}

const cluster = new RealCluster();
const node = await cluster.node("m1", "--executor", "auto", "--engine-addr", address);
node.start();
await cluster.ready(1);
const { Swarm } = await docker.info();
if (Swarm.LocalNodeState === "inactive")
  await docker.swarmInit({ ListenAddr: "127.0.0.1:2377", AdvertiseAddr: "127.0.0.1" });
const contenders = [new DockerSwarm(docker), new Simswarm(node.client)];
try {
  for (let number = 1; number <= rounds; number += 1) {
    for (const contender of contenders) await round(contender, number);
  }
} finally {
  await cluster.stop();
}
