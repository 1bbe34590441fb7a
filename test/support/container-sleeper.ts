import { ms } from "../../core/base/time.ts";
import type { ServiceSpec } from "../../core/model/service.ts";
import { serviceSpec } from "../../core/model/service-defaults.ts";
import { testImage } from "./docker.ts";

export const sleepCommand = ["sleep", "100000"];

/** Containers that sleep, end at once when they are told to, and are replaced at once. */
export function containerSleeper(name: string, replicas: number): ServiceSpec {
  const spec = serviceSpec(name, testImage, replicas);
  const { container, restart } = spec.task;
  const task = {
    ...spec.task,
    container: { ...container, command: sleepCommand, stopSignal: "SIGKILL" },
    restart: { ...restart, delay: ms(0) },
    networks: [{ target: "host", aliases: [] }],
  };
  const update = { ...spec.update, parallelism: 2, monitor: ms(200) };
  return withVersion({ ...spec, task, update }, "1");
}

export function withVersion(spec: ServiceSpec, version: string): ServiceSpec {
  const container = { ...spec.task.container, env: [`VERSION=${version}`] };
  return { ...spec, task: { ...spec.task, container } };
}
