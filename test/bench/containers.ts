import { setTimeout as pause } from "node:timers/promises";
import type Docker from "dockerode";
import type { Contender } from "./contenders.ts";
import type { Row } from "./table.ts";
import { inTime, timed, waitFor } from "./wait.ts";

const replicas = 20;
/** Between two works, so that one does not bear what the one before has left to do. */
const breathMs = 500;

const most = (times: number) => ({ kind: "at-most-times", times }) as const;

/** What `containerRound` measures, in order. */
export const containerWorks: readonly Pick<Row, "work" | "unit" | "goal">[] = [
  { work: "create a service of one replica, until running", unit: "s", goal: most(0.9) },
  { work: `scale 1 to ${replicas}, all running`, unit: "s", goal: most(0.7) },
  { work: `rolling update of ${replicas}, parallelism 2, delay 0`, unit: "s", goal: most(0.6) },
  { work: "container killed, until replaced (delay 0)", unit: "s", goal: most(0.9) },
  { work: `remove ${replicas}, none left`, unit: "s", goal: most(0.9) },
];

/** How long each of the works takes, in seconds, with one node on this engine. */
export async function containerRound(
  contender: Contender,
  docker: Docker,
  service: string,
): Promise<readonly number[]> {
  const run = (count: number, version: string) =>
    waitFor(`${count} tasks of ${service}, version ${version}`, async () => {
      return (await contender.running(service, version)).length === count;
    });
  const label = [`com.docker.swarm.service.name=${service}`];
  const containers = () => docker.listContainers({ all: true, filters: { label } });
  const created = await timed(async () => {
    await inTime("a service created", contender.create(service, 1));
    await run(1, "1");
  });
  await pause(breathMs);
  const scaled = await timed(async () => {
    await inTime("a service scaled", contender.scale(service, replicas));
    await run(replicas, "1");
  });
  await pause(breathMs);
  const updated = await timed(async () => {
    await inTime("a service updated", contender.update(service, "2"));
    await run(replicas, "2");
  });
  await pause(breathMs);
  const replaced = await replacing(contender, docker, service);
  await pause(breathMs);
  const removed = await timed(async () => {
    await inTime("a service removed", contender.remove(service));
    await waitFor("no container left", async () => (await containers()).length === 0);
  });
  return [created, scaled, updated, replaced, removed];
}

async function replacing(contender: Contender, docker: Docker, service: string): Promise<number> {
  const before = new Set((await contender.running(service, "2")).map(({ id }) => id));
  const label = [`com.docker.swarm.service.name=${service}`];
  const [victim] = await docker.listContainers({ filters: { label } });
  return timed(async () => {
    await docker.getContainer(victim?.Id ?? "").kill();
    await waitFor("another task in its place", async () => {
      const running = await contender.running(service, "2");
      return running.length === replicas && running.some(({ id }) => !before.has(id));
    });
  });
}
