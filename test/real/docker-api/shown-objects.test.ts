import { beforeEach, expect, test } from "vitest";
import type { StoreObject } from "../../../core/model/change.ts";
import type { TaskSpec } from "../../../core/model/task-spec.ts";
import { DockerRequests } from "../../support/docker-requests.ts";
import { task } from "../../support/model.ts";

// Goal: what was asked for is shown as Docker shows it, and nothing that is not so yet.
// Method: requests to the routes, with core's own control behind them.

let docker: DockerRequests;
beforeEach(async () => {
  docker = await DockerRequests.with();
});

const spec = (Name: string) => ({ Name, TaskTemplate: { ContainerSpec: { Image: "busybox" } } });

const isNoTask = ({ kind }: StoreObject) => kind !== "task";

test("shows what a job says of rollbacks, and refuses spans below nothing", async () => {
  const RollbackConfig = { Parallelism: 2, FailureAction: "continue", Monitor: 1_000_000 };
  await docker.ask("POST", "/services/create", {
    ...spec("job"),
    Mode: { GlobalJob: {} },
    RollbackConfig,
  });
  const { Spec } = (await docker.ask("GET", "/services/job")).body;
  expect(Spec.RollbackConfig).toMatchObject(RollbackConfig);
  expect(Spec.UpdateConfig).toBeUndefined();
  const asked = { ...spec("web"), UpdateConfig: { Monitor: -5 } };
  expect((await docker.ask("POST", "/services/create", asked)).body.message).toContain(
    "update-monitor cannot be negative",
  );
});

test("shows generic resources of tasks that have them, and no runtime of tasks", async () => {
  const gpu = { DiscreteResourceSpec: { Kind: "gpu", Value: 1 } };
  const TaskTemplate = {
    ...spec("web").TaskTemplate,
    Resources: { Reservations: { GenericResources: [gpu] } },
  };
  const asked = { ...spec("web"), TaskTemplate };
  const service = (await docker.ask("POST", "/services/create", asked)).body.ID;
  const { task: own } = docker.store.services.get(service)?.spec ?? {};
  const shown = async (state: "PENDING" | "RUNNING") => {
    const { objects, ...rest } = docker.store.snapshot();
    const one = { ...task("t1", { service, slot: 1, node: "w1", state }), spec: own as TaskSpec };
    docker.store.restore({ ...rest, objects: [...objects.filter(isNoTask), one] });
    return (await docker.ask("GET", "/tasks/t1")).body;
  };
  const pending = await shown("PENDING");
  expect(pending.GenericResources).toBeUndefined();
  expect(pending.Spec.Runtime).toBeUndefined();
  expect((await shown("RUNNING")).GenericResources).toEqual([gpu]);
});

test("shows the open port of a task, without the name that its service has for it", async () => {
  const port = { protocol: "tcp", targetPort: 80, publishedPort: 8080 } as const;
  const ports = [{ ...port, name: "http", publishMode: "host" } as const];
  const one = { ...task("t1", { service: "web", slot: 1, node: "w1", state: "RUNNING" }), ports };
  docker = await DockerRequests.with(one);
  const { body } = await docker.ask("GET", "/tasks/t1");
  const shown = { Protocol: "tcp", TargetPort: 80, PublishedPort: 8080, PublishMode: "host" };
  expect(body.Status.PortStatus).toEqual({ Ports: [shown] });
});
