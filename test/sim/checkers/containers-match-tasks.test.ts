import { expect, test } from "vitest";
import type { ContainerFile } from "../../../core/agent/executor-request.ts";
import type { ContainerSpec } from "../../../core/model/container-spec.ts";
import type { Task } from "../../../core/model/task.ts";
import { ContainersMatchTasks } from "../../../sim/checkers/containers-match-tasks.ts";
import { node, secret, service, task } from "../../support/model.ts";
import { storeOf } from "../../support/store.ts";

const made = (of: Task, container: Partial<ContainerSpec>): Task => ({
  ...of,
  spec: { ...of.spec, container: { ...of.spec.container, ...container } },
});

const plain = task("t1", { secrets: ["key"] });
const stored = made(plain, {
  env: ["AT={{.Node.Hostname}}", "I={{.Service.Name}}-{{.Task.Slot}}"],
});
const sound = made(stored, { env: ["AT=n1", "I=web-1"] });
const [reference] = sound.spec.container.secrets;
const { name: _name, id: _id, ...place } = reference as NonNullable<typeof reference>;
const key: ContainerFile = { ...place, target: `/run/secrets/${place.target}`, data: "c2VjcmV0" };

function judged(given: Task, files: readonly ContainerFile[], host = "n1", known = stored) {
  const view = storeOf(node("n1"), service("web"), secret("key"), known);
  const checker = new ContainersMatchTasks({ hosts: [{ name: host }], history: { view } });
  checker.created(0, given, files);
  return checker.checks;
}

test("a container is what its task's spec says once its placeholders are filled in", () => {
  expect(judged(sound, [key])).toBe(1);
  expect(() => judged(stored, [key])).toThrow("web.1 is made with another env than its task's");
  const other = made(sound, { image: "web:2" });
  expect(() => judged(other, [key])).toThrow("made with another image than its task's");
});

test("a container has its task's place, ports and room", () => {
  expect(() => judged(sound, [key], "n2")).toThrow("made with another node");
  const generic = new Map([["gpu", ["GPU-1"]]]);
  expect(() => judged({ ...sound, assignedResources: generic }, [key])).toThrow("assignedRes");
  const spec = { ...sound.spec, reservations: { nanoCpus: 1, memoryBytes: 0 } };
  expect(() => judged({ ...sound, spec }, [key])).toThrow("another reservations than");
});

test("a container finds the files that its task names, and no others", () => {
  expect(() => judged(sound, [])).toThrow("another number of files");
  expect(() => judged(sound, [{ ...key, data: "b3RoZXI=" }])).toThrow("another file key than");
});

test("of a task that is forgotten nothing is known", () => {
  expect(judged(sound, [], "n2", task("t2"))).toBe(0);
});
