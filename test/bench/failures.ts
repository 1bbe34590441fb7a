import { type Fleet, managerNames, workerNames } from "./fleets.ts";
import type { Row } from "./table.ts";
import { inTime, timed, waitFor } from "./wait.ts";

const replicas = 10;

const most = (figure: number) => ({ kind: "at-most", figure }) as const;

/** What `failureRound` measures, in order. */
export const failureWorks: readonly Pick<Row, "work" | "unit" | "goal">[] = [
  { work: "worker kill -9, until its tasks run elsewhere", unit: "s", goal: most(6) },
  { work: "leader kill -9, until the next write is accepted", unit: "s", goal: most(2.5) },
];

/** How long a fleet takes to get over the loss of a worker and of its leader, in seconds. */
export async function* failureRound(fleet: Fleet): AsyncGenerator<number> {
  const [worker] = workerNames;
  await fleet.start();
  const first = fleet.at("m1");
  await inTime("a service created", first.create("steady", replicas));
  await waitFor(`${replicas} tasks that run`, async () => {
    return (await first.running("steady", "1")).length === replicas;
  });
  await fleet.kill(worker);
  yield await timed(() =>
    waitFor("the worker's tasks elsewhere", async () => {
      const running = await first.running("steady", "1");
      const isMoved = running.every(({ node }) => node !== fleet.idOf(worker));
      return running.length === replicas && isMoved;
    }),
  );
  const leader = await inTime("who leads", fleet.leader());
  const other = fleet.at(managerNames.find((name) => name !== leader) as string);
  await fleet.kill(leader);
  let tries = 0;
  yield await timed(() =>
    waitFor("a write that is accepted", async () => {
      tries += 1;
      await other.create(`after-the-leader-${tries}`, 0);
      return true;
    }),
  );
}
