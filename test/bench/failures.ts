import { type Fleet, managerNames, workerNames } from "./fleets.ts";
import { timed, waitFor } from "./wait.ts";

const replicas = 10;

export const failureWorks = [
  "worker `kill -9`, until its tasks run elsewhere",
  "leader `kill -9`, until the next write is accepted",
] as const;

/** How long a fleet takes to get over the loss of a worker and of its leader, in seconds. */
export async function failureRound(fleet: Fleet): Promise<readonly number[]> {
  const [worker] = workerNames;
  const first = fleet.at("m1");
  await first.create("steady", replicas);
  await waitFor(async () => (await first.running("steady", "1")).length === replicas);
  await fleet.kill(worker);
  const moved = await timed(() =>
    waitFor(async () => {
      const running = await first.running("steady", "1");
      const isMoved = running.every(({ node }) => node !== fleet.idOf(worker));
      return running.length === replicas && isMoved;
    }),
  );
  const leader = await fleet.leader();
  const other = fleet.at(managerNames.find((name) => name !== leader) as string);
  await fleet.kill(leader);
  const written = await timed(() =>
    waitFor(async () => {
      await other.create("after-the-leader", 0);
      return true;
    }),
  );
  return [moved, written];
}
