import { setTimeout as pause } from "node:timers/promises";
import type { Contender } from "./contenders.ts";
import type { LoneManager } from "./managers.ts";
import { median, type Row } from "./table.ts";
import { inTime, timed } from "./wait.ts";

const services = 1_000;
const connections = 16;
const lists = 21;

const most = (figure: number) => ({ kind: "at-most", figure }) as const;
const least = (times: number) => ({ kind: "at-least-times", times }) as const;

/** What `managerRound` measures, in order. */
export const managerWorks: readonly Pick<Row, "work" | "unit" | "goal">[] = [
  { work: "memory of a manager, idle", unit: "MB", goal: most(120) },
  { work: "services created, one connection", unit: "/s", goal: least(1) },
  { work: "memory of a manager, 1,000 services", unit: "MB", goal: most(140) },
  { work: "list 1,000 services", unit: "ms", goal: { kind: "at-most-times", times: 1 } },
  { work: `services created, ${connections} connections`, unit: "/s", goal: least(2) },
  { work: "one connection, later", unit: "/s", goal: least(1) },
  { work: `${connections} connections, later`, unit: "/s", goal: least(2) },
];

/**
 * The figures of a manager that has just started; services want no tasks. `restMs` is for how long
 * it has nothing to do before its memory is read, and before anything is asked of it.
 */
export async function* managerRound(manager: LoneManager, restMs: number): AsyncGenerator<number> {
  await manager.start();
  const first = manager.connection();
  const many = Array.from({ length: connections }, () => manager.connection());
  await pause(restMs);
  yield manager.residentMb();
  yield await rate([first], "one");
  await pause(restMs);
  yield manager.residentMb();
  yield await listMs(first);
  yield await rate(many, "many");
  yield await rate([first], "one-later");
  yield await rate(many, "many-later");
}

/** Creates so many services, each contender one at a time; how many a second. */
async function rate(contenders: readonly Contender[], prefix: string): Promise<number> {
  let next = 0;
  const work = async (contender: Contender) => {
    while (next < services) {
      next += 1;
      await inTime("a service created", contender.create(`${prefix}-${next}`, 0));
    }
  };
  return services / (await timed(() => Promise.all(contenders.map(work))));
}

async function listMs(contender: Contender): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < lists; count += 1) {
    const asked = async () => {
      const found = await inTime("a list of services", contender.list());
      if (found !== services) throw new Error(`${found} services are listed, not ${services}`);
    };
    times.push(1_000 * (await timed(asked)));
  }
  return median(times);
}
