import { afterAll, beforeAll, expect, test } from "vitest";
import { Calendars } from "../support/calendars.ts";
import { processSleeper } from "../support/process-sleeper.ts";
import { RealCluster, type RealNode, until } from "../support/real-cluster.ts";
import { User } from "../support/user.ts";

// Goal: a calendar that jumps, as when a machine's clock is set, harms nobody: no node is taken for
// down, no session or lead is lost, nothing is renewed. Where it makes certificates old, that is
// said, and all is well again once it is right.
// Method: real processes whose calendars libfaketime moves while they run.

const jumping: { calendars: Calendars | null } = { calendars: null };
const cluster = new RealCluster({
  machines: null,
  engine: null,
  enter: (name) => jumping.calendars?.enter(name) ?? [],
});
const calendars = new Calendars(cluster.folder);
jumping.calendars = calendars;

const hour = 3_600;
const day = 24 * hour;
/** More than the patience with which the leader waits for a heartbeat, and managers for it. */
const watchedMs = 4_500;
let leader: RealNode;
let worker: RealNode;

beforeAll(async () => {
  await cluster.start(3, 1);
  [leader, worker] = [cluster.first, cluster.named("w1")];
  await new User(cluster).create(processSleeper("web", 4));
  await cluster.running("web", 4);
});

afterAll(() => cluster.stop());

/** Lines of the nodes' logs that tell of a loss, or of a certificate. */
function losses(): string[] {
  const telling = /raft role|manager-|not let in|refuse|does not speak|certificate|"level":[56]0/;
  return cluster.nodes.flatMap(({ name, log }) => {
    return log.split("\n").flatMap((line) => (telling.test(line) ? [`${name}: ${line}`] : []));
  });
}

/** All that a follower sees of the nodes' states meanwhile. */
async function statesSeen(): Promise<string[]> {
  const seen = new Set<string>();
  for (const end = performance.now() + watchedMs; performance.now() < end; ) {
    for (const { status } of await cluster.listed(cluster.named("m2").client)) {
      seen.add(status.state);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return [...seen];
}

async function tasks(): Promise<string[]> {
  return (await cluster.running("web", 4)).map(({ id }) => id).sort();
}

test.each<[string, number, number]>([
  ["an hour ahead at the leader, and behind any certificate's start at a worker", hour, -3 * hour],
  ["a day ahead at the leader, and an hour at a worker", day, hour],
  ["back again", 0, 0],
])("calendars jump: %s", async (_, atLeader, atWorker) => {
  const before = { losses: losses(), tasks: await tasks() };
  calendars.jump(leader.name, atLeader);
  calendars.jump(worker.name, atWorker);
  expect(await statesSeen()).toEqual(["ready"]);
  expect({ losses: losses(), tasks: await tasks() }).toEqual(before);
});

test("a worker whose calendar is a year ahead says why it takes no certificate", async () => {
  const { length } = losses();
  await worker.end("SIGKILL");
  calendars.jump(worker.name, 365 * day);
  worker.start();
  await until("the reason in its log", async () => {
    return worker.log.includes("has expired by this node's calendar: set the clocks") || null;
  });
  await new Promise((resolve) => setTimeout(resolve, watchedMs));
  const renewals = losses()
    .slice(length)
    .filter((line) => line.includes("gives this node no"));
  expect(renewals.length).toBeLessThan(6);
  calendars.jump(worker.name, 0);
  await cluster.ready(4);
});
