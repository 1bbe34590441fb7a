import fc from "fast-check";
import { expect, test } from "vitest";
import { serviceSpec } from "../../../core/model/service-defaults.ts";
import { dockerService, serviceSpecOf } from "../../../real/docker-api/map/service-spec.ts";
import { dockerServices } from "../../support/docker-arbitraries.ts";

// Goal: a spec of Docker's becomes one of ours and comes back with all that it said; what can't be
// had is refused by its name.
// Method: any spec that Docker's clients may send; and single fields with values out of line.

/** Where `whole` lacks what `part` says, as a path; null: it has all of it. */
function lacking(part: unknown, whole: unknown, path = "spec"): string | null {
  if (isNothing(part)) return null;
  if (typeof part !== "object" || part === null) return part === whole ? null : path;
  for (const [name, value] of Object.entries(part)) {
    const other = (whole as Readonly<Record<string, unknown>> | undefined)?.[name];
    const found = lacking(value, other, `${path}.${name}`);
    if (found !== null) return found;
  }
  return null;
}

/** As Go's `omitempty` leaves it out. */
function isNothing(value: unknown): boolean {
  if (value === undefined || value === "" || value === 0 || value === false) return true;
  return typeof value === "object" && value !== null && Object.values(value).every(isNothing);
}

test("nothing that Docker says is lost on the way to our spec and back", () => {
  fc.assert(
    fc.property(dockerServices, (sent) => {
      expect(lacking(sent, dockerService(serviceSpecOf(sent, null), true))).toBeNull();
    }),
    { numRuns: 300 },
  );
});

test("our spec comes back as it was, with and without what goes without saying", () => {
  const own = serviceSpec("", "", 1);
  const base = {
    ...own,
    dependsOn: ["db"],
    task: {
      ...own.task,
      priority: 7,
      placement: { ...own.task.placement, affinity: ["a"], strategy: "binpack" as const },
      container: { ...own.task.container, registryAuth: "e30=" },
    },
  };
  fc.assert(
    fc.property(dockerServices, fc.boolean(), (sent, isComplete) => {
      const spec = serviceSpecOf(sent, base);
      const shown = JSON.parse(JSON.stringify(dockerService(spec, isComplete)));
      expect(serviceSpecOf(shown, spec)).toEqual(spec);
      expect(spec).toMatchObject({ dependsOn: ["db"], task: { priority: 7 } });
    }),
    { numRuns: 300 },
  );
});

const task = (fields: object) => ({ TaskTemplate: { ContainerSpec: { Image: "x" }, ...fields } });
const container = (fields: object) => ({
  TaskTemplate: { ContainerSpec: { Image: "x", ...fields } },
});

const manyCards = {
  DiscreteResourceSpec: { Kind: "card", Value: Number.MAX_SAFE_INTEGER },
};

test.each([
  [{}, "mismatched Runtime and *Spec fields"],
  [[], "invalid value for the body: expected object, received array"],
  [{ Name: 7 }, "invalid value for Name: expected string, received number"],
  [container({ Env: "A=1" }), "invalid value for TaskTemplate.ContainerSpec.Env: expected array"],
  [
    container({ Privileges: { CredentialSpec: { File: "x" } } }),
    "ContainerSpec.Privileges.CredentialSpec is not supported",
  ],
  [container({ Isolation: "hyperv" }), 'Isolation "hyperv" is for Windows only'],
  [container({ Mounts: [{ Type: "bogus" }] }), 'invalid MountType: "bogus"'],
  [container({ Configs: [{ ConfigName: "c", Runtime: {} }] }), "File is missing"],
  [task({ Runtime: "plugin" }), 'Runtime "plugin" is not supported'],
  [task({ PluginSpec: { Name: "x" } }), "TaskTemplate.PluginSpec is not supported"],
  [task({ RestartPolicy: { Condition: "bogus" } }), 'invalid RestartCondition: "bogus"'],
  [
    task({ Resources: { Reservations: { GenericResources: [manyCards, manyCards] } } }),
    "invalid generic resource card: no node has 18014398509481982 of it",
  ],
  [task({ Resources: { SwapBytes: 5 } }), "TaskTemplate.Resources.SwapBytes is not supported"],
  [
    { ...task({}), UpdateConfig: { FailureAction: "bogus" } },
    "unrecognized update failure action bogus",
  ],
  [{ ...task({}), UpdateConfig: { Order: "bogus" } }, "unrecognized update order bogus"],
  [{ ...task({}), Mode: { Global: {}, GlobalJob: {} } }, "must specify only one service mode"],
  [{ ...task({}), Mode: { Replicated: { Replicas: -1 } } }, "Mode.Replicated.Replicas"],
  [{ ...task({}), Colour: "red" }, "Colour is not supported by this cluster"],
])("%j is refused", (sent, words) => {
  expect(() => serviceSpecOf(sent, null)).toThrow(words);
});

test("a mount without a type is a bind", () => {
  const { task } = serviceSpecOf(container({ Mounts: [{ Source: "/srv", Target: "/t" }] }), null);
  expect(task.container.mounts).toMatchObject([{ kind: "bind", source: "/srv" }]);
});

test("what says nothing is no reason to refuse, and the case of a name is Go's", () => {
  const spec = serviceSpecOf(
    {
      name: "web",
      TaskTemplate: {
        ContainerSpec: {
          Image: "x",
          Privileges: { CredentialSpec: null, SELinuxContext: null },
          OomScoreAdj: 0,
          HealthCheck: { Test: ["NONE"] },
        },
        Networks: null,
      },
      Colour: "",
    },
    null,
  );
  expect(spec.name).toBe("web");
  expect(spec.task.container.health?.test).toEqual(["NONE"]);
});

test("the defaults are SwarmKit's, and a shorter span than ours is not nothing", () => {
  const { mode, task: own, update } = serviceSpecOf(task({}), null);
  expect({ mode, own, update }).toEqual({
    mode: { kind: "replicated", replicas: 1 },
    own: serviceSpec("", "x", 1).task,
    update: serviceSpec("", "x", 1).update,
  });
  const short = serviceSpecOf({ ...task({}), UpdateConfig: { Monitor: 1 } }, null);
  expect(short.update).toMatchObject({ monitor: 1, parallelism: 0 });
});

test("a span of years is counted, though its nanoseconds are more than safe integers", () => {
  const year = 8_760 * 3_600_000_000_000;
  const container = { Image: "x", StopGracePeriod: year };
  const spec = { TaskTemplate: { ContainerSpec: container }, UpdateConfig: { Delay: year } };
  const own = serviceSpecOf(spec, null);
  expect(own.update.delay).toBe(31_536_000_000_000);
  expect(own.task.container.stopGracePeriod).toBe(31_536_000_000_000);
  expect(dockerService(own)).toMatchObject({ UpdateConfig: { Delay: year } });
  for (const Delay of [1.5, 1e19]) {
    expect(() => serviceSpecOf({ ...task({}), UpdateConfig: { Delay } }, null)).toThrow(
      "invalid value for UpdateConfig.Delay: expected int",
    );
  }
});

test("what is nested too deeply to be looked into is refused, and no fault of ours", () => {
  const deep: unknown = JSON.parse(`${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`);
  expect(() => serviceSpecOf({ Labels: deep }, null)).toThrow("the body is nested too deeply");
});

test("networks of the older place are taken where the newer one is empty", () => {
  const networks = [{ target: "host", aliases: [] }];
  const spec = serviceSpecOf({ ...task({}), Networks: [{ Target: "host" }] }, null);
  expect(spec.task.networks).toEqual(networks);
});
