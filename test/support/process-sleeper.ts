import { ms } from "../../core/base/time.ts";
import type { ServiceSpec } from "../../core/model/service.ts";
import { serviceSpec } from "../../core/model/service-defaults.ts";

/** Plain processes that sleep, end soon when they are told to, and are replaced at once. */
export function processSleeper(name: string, replicas: number): ServiceSpec {
  const spec = serviceSpec(name, "any", replicas);
  const { container, restart } = spec.task;
  const task = {
    ...spec.task,
    container: { ...container, command: ["sleep", "100000"], stopGracePeriod: ms(500) },
    restart: { ...restart, delay: ms(0) },
  };
  return { ...spec, task, update: { ...spec.update, parallelism: 2, monitor: ms(200) } };
}
