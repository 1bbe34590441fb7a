import { setTimeout as pause } from "node:timers/promises";
import type Docker from "dockerode";
import type { Contender } from "./contenders.ts";
import { timed, waitFor } from "./wait.ts";

const replicas = 20;
/** Between two works, so that one does not bear what the one before has left to do. */
const breathMs = 500;
/** After an update its failures are watched for; a contender is not disturbed in that. */
const monitorMs = 6_000;

/** What the works of one round are called, in order. */
export const containerWorks = [
  "create a service of one replica, until running",
  `scale 1 to ${replicas}, all running`,
  `rolling update of ${replicas}, parallelism 2, delay 0`,
  "container killed, until replaced",
  `remove ${replicas}, none left`,
] as const;

/** How long each of the works takes, in seconds, with one node on this engine. */
export async function containerRound(
  contender: Contender,
  docker: Docker,
  service: string,
): Promise<readonly number[]> {
  const run = async (count: number, version: string) =>
    waitFor(async () => (await contender.running(service, version)).length === count);
  const containers = () => {
    const label = [`com.docker.swarm.service.name=${service}`];
    return docker.listContainers({ all: true, filters: { label } });
  };
  const created = await timed(async () => {
    await contender.create(service, 1);
    await run(1, "1");
  });
  await pause(breathMs);
  const scaled = await timed(async () => {
    await contender.scale(service, replicas);
    await run(replicas, "1");
  });
  await pause(breathMs);
  const updated = await timed(async () => {
    await contender.update(service, "2");
    await run(replicas, "2");
  });
  await pause(monitorMs);
  const replaced = await replacing(contender, docker, service);
  await pause(breathMs);
  const removed = await timed(async () => {
    await contender.remove(service);
    await waitFor(async () => (await containers()).length === 0);
  });
  return [created, scaled, updated, replaced, removed];
}

async function replacing(contender: Contender, docker: Docker, service: string): Promise<number> {
  const before = new Set((await contender.running(service, "2")).map(({ id }) => id));
  const label = [`com.docker.swarm.service.name=${service}`];
  const [victim] = await docker.listContainers({ filters: { label } });
  return timed(async () => {
    await docker.getContainer(victim?.Id ?? "").kill();
    await waitFor(async () => {
      const running = await contender.running(service, "2");
      return running.length === replicas && running.some(({ id }) => !before.has(id));
    });
  });
}
