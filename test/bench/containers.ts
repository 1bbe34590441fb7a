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

/**
 * How long each of the works takes, in seconds, with one node on this engine. Nothing is left of
 * the service, also where the works end early.
 */
export async function* containerRound(
  contender: Contender,
  docker: Docker,
  service: string,
): AsyncGenerator<number> {
  const run = (count: number, version: string) =>
    waitFor(`${count} tasks of ${service}, version ${version}`, async () => {
      return (await contender.running(service, version)).length === count;
    });
  const work = async (what: string, asked: () => Promise<void>, done: () => Promise<void>) => {
    await pause(breathMs);
    return timed(async () => {
      await inTime(what, asked());
      await done();
    });
  };
  const create = () => contender.create(service, 1);
  const scale = () => contender.scale(service, replicas);
  const update = () => contender.update(service, "2");
  const remove = () => contender.remove(service);
  const none = () => waitFor("no container left", async () => (await all()).length === 0);
  const all = () => containersOf(docker, service);
  try {
    yield await work("a service created", create, () => run(1, "1"));
    yield await work("a service scaled", scale, () => run(replicas, "1"));
    yield await work("a service updated", update, () => run(replicas, "2"));
    await pause(breathMs);
    yield await replacing(contender, docker, service);
    yield await work("a service removed", remove, none);
  } finally {
    if ((await all()).length > 0) await work("a service removed", remove, none);
  }
}

function containersOf(docker: Docker, service: string): Promise<Docker.ContainerInfo[]> {
  const label = [`com.docker.swarm.service.name=${service}`];
  return inTime("a list of containers", docker.listContainers({ all: true, filters: { label } }));
}

async function replacing(contender: Contender, docker: Docker, service: string): Promise<number> {
  const found = await inTime("the tasks that run", contender.running(service, "2"));
  const before = new Set(found.map(({ id }) => id));
  const victim = (await containersOf(docker, service)).find(({ State }) => State === "running");
  return timed(async () => {
    await inTime("a container killed", docker.getContainer(victim?.Id ?? "").kill());
    await waitFor("another task in its place", async () => {
      const running = await contender.running(service, "2");
      return running.length === replicas && running.some(({ id }) => !before.has(id));
    });
  });
}
