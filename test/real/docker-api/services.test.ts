import { beforeEach, expect, test } from "vitest";
import { DockerRequests } from "../../support/docker-requests.ts";

// Goal: what is kept of services from one request to the next never makes an answer an old one.
// Method: requests to the routes, with core's own control behind them.

let docker: DockerRequests;
beforeEach(async () => {
  docker = await DockerRequests.with();
});

async function created(Name: string): Promise<string> {
  const spec = { Name, TaskTemplate: { ContainerSpec: { Image: "busybox" } } };
  return (await docker.ask("POST", "/services/create", spec)).body.ID;
}

test("services are found by id before name, and by what they are now", async () => {
  const shownId = async (name: string) => (await docker.ask("GET", `/services/${name}`)).body.ID;
  const first = await created("web");
  const second = await created(first);
  expect(await shownId(first)).toBe(first);
  expect(await shownId("web")).toBe(first);
  expect(await shownId(second)).toBe(second);
  await docker.ask("DELETE", "/services/web");
  expect(await shownId(first)).toBe(second);
  const again = await created("web");
  expect([await shownId("web"), await shownId(again)]).toEqual([again, again]);
  expect(await docker.ask("GET", `/services/${first}`)).toMatchObject({ status: 200 });
  await docker.ask("DELETE", `/services/${second}`);
  expect(await docker.ask("GET", `/services/${first}`)).toMatchObject({ status: 404 });
  expect(await docker.ask("GET", `/services/${second}`)).toMatchObject({ status: 404 });
});

test("services are shown as they are after each change", async () => {
  const id = await created("web");
  const listed = async () => (await docker.ask("GET", "/services?status=true")).body;
  const [before] = await listed();
  const path = `/services/${id}/update?version=${before.Version.Index}`;
  await docker.ask("POST", path, { ...before.Spec, Labels: { tier: "back" } });
  const shown = (await docker.ask("GET", `/services/${id}`)).body;
  expect(shown.Spec.Labels).toEqual({ tier: "back" });
  const ServiceStatus = { RunningTasks: 0, DesiredTasks: 1, CompletedTasks: 0 };
  expect(await listed()).toEqual([{ ...shown, ServiceStatus }]);
});
