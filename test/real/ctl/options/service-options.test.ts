import { Command } from "commander";
import { expect, test } from "vitest";
import { seconds } from "../../../../core/base/time.ts";
import type { ServiceSpec } from "../../../../core/model/service.ts";
import { serviceSpec } from "../../../../core/model/service-defaults.ts";
import { specWith, withSpecOptions } from "../../../../real/ctl/options/service-options.ts";

const before = serviceSpec("web", "web:1", 1);
const known = {
  env: { HOME: "/root" },
  secrets: new Map([["key", "s1"]]),
  configs: new Map([["conf", "c1"]]),
  networks: new Map([["front", "n1"]]),
};

/** The spec after these words of a command line. */
function after(line: string, spec = before): ServiceSpec {
  const command = withSpecOptions(new Command(), "update").exitOverride();
  command.configureOutput({ writeErr: () => undefined });
  command.parse(line.split(" "), { from: "user" });
  return specWith(spec, command.opts(), known);
}

test("without options nothing changes", () => {
  expect(specWith(before, {}, known)).toEqual(before);
});

test("each option changes what it names and leaves the rest", () => {
  const spec = after(
    "--replicas 3 -e A=1 -e B=2 --label a=b --limit-memory 64m --reserve-cpu 0.5 " +
      "--constraint node.role==worker --placement-pref spread=node.labels.zone " +
      "--restart-condition on-failure --restart-delay 2s --update-parallelism 2 " +
      "--update-order start-first --rollback-monitor 1s --stop-grace-period 3s",
  );
  expect(spec.mode).toEqual({ kind: "replicated", replicas: 3 });
  expect(spec.labels).toEqual(new Map([["a", "b"]]));
  const { task, update, rollback } = spec;
  expect(task.container).toMatchObject({ image: "web:1", env: ["A=1", "B=2"] });
  expect(task.container.stopGracePeriod).toBe(seconds(3));
  expect(task.limits.memoryBytes).toBe(64 * 1024 * 1024);
  expect(task.reservations.nanoCpus).toBe(500_000_000);
  expect(task.placement).toMatchObject({
    constraints: ["node.role==worker"],
    preferences: ["node.labels.zone"],
  });
  expect(task.restart).toEqual({
    ...before.task.restart,
    condition: "on-failure",
    delay: seconds(2),
  });
  expect(update).toEqual({ ...before.update, parallelism: 2, order: "start-first" });
  expect(rollback).toEqual({ ...before.rollback, monitor: seconds(1) });
});

test("a service is spread, packed, or placed as its cluster says", () => {
  const packed = after("--strategy binpack");
  expect(packed.task.placement.strategy).toBe("binpack");
  expect(after("--strategy cluster", packed)).toEqual(before);
  expect(() => after("--strategy random")).toThrow("Allowed choices are spread, binpack, cluster");
});

test("a network comes and goes by its name or its id", () => {
  const targets = ({ task }: ServiceSpec) => task.networks.map(({ target }) => target);
  const both = after("--network front --network n2");
  expect(targets(both)).toEqual(["n1", "n2"]);
  expect(targets(after("--network-add front --network-add n3", both))).toEqual(["n2", "n1", "n3"]);
  expect(targets(after("--network-rm front", both))).toEqual(["n2"]);
  expect(targets(after("--network-rm n1 --network-rm n2", both))).toEqual([]);
});

test("ports are written short or in full", () => {
  const { endpoint } = after("-p 80 -p 8080:81 -p 53:53/udp -p mode=host,target=9,published=99");
  expect(endpoint.ports).toEqual([
    { name: "", protocol: "tcp", targetPort: 80, publishedPort: 0, publishMode: "ingress" },
    { name: "", protocol: "tcp", targetPort: 81, publishedPort: 8080, publishMode: "ingress" },
    { name: "", protocol: "udp", targetPort: 53, publishedPort: 53, publishMode: "ingress" },
    { name: "", protocol: "tcp", targetPort: 9, publishedPort: 99, publishMode: "host" },
  ]);
  for (const port of ["x", "0", "70000:1", "1/icmp", "mode=odd,target=1"]) {
    expect(() => after(`-p ${port}`)).toThrow("is no port to publish");
  }
});

test("mounts, secrets and configs are looked up and placed", () => {
  const { container } = after(
    "--mount type=bind,source=/a,target=/b,readonly --secret key " +
      "--config source=conf,target=/c,mode=0400",
  ).task;
  expect(container.mounts).toEqual([{ kind: "bind", source: "/a", target: "/b", readOnly: true }]);
  expect(container.secrets).toEqual([
    { id: "s1", name: "key", target: "key", uid: "0", gid: "0", mode: 0o444 },
  ]);
  expect(container.configs[0]).toMatchObject({ id: "c1", target: "/c", mode: 0o400 });
  expect(() => after("--secret nokey")).toThrow("'nokey' is not there. Create it first");
  expect(() => after("--mount type=odd,target=/b")).toThrow("is no mount");
});

test("a health check begins with Docker's defaults", () => {
  const { health } = after("--health-cmd true --health-retries 5").task.container;
  expect(health).toMatchObject({ test: ["CMD-SHELL", "true"], retries: 5, interval: seconds(30) });
});

test("jobs count completions; what is only for some modes is refused for others", () => {
  expect(after("--mode replicated-job --replicas 6 --max-concurrent 2").mode).toEqual({
    kind: "replicated-job",
    maxConcurrent: 2,
    totalCompletions: 6,
  });
  expect(() => after("--mode global --replicas 2")).toThrow(
    "--replicas is for replicated services",
  );
  expect(() => after("--max-concurrent 2")).toThrow("--max-concurrent is for replicated jobs");
});

test("a variable without a value has the one that it has where the command is typed", () => {
  const { env } = after("-e HOME -e NONE -e A=").task.container;
  expect(env).toEqual(["HOME=/root", "NONE", "A="]);
});

test("a port that is added is one more, however its target is published already", () => {
  const published = ({ endpoint }: ServiceSpec) => endpoint.ports.map((port) => port.publishedPort);
  const first = after("--publish 8080:80");
  const both = after("--publish-add 8081:80", first);
  expect(published(both)).toEqual([8080, 8081]);
  expect(published(after("--publish-add mode=host,target=80,published=8080", first))).toEqual([
    8080,
  ]);
  expect(published(after("--publish-rm 80", both))).toEqual([]);
});

test.each(["true", "1", "T", "TRUE"])("readonly=%s mounts so that nothing is written", (word) => {
  const { mounts } = after(`--mount type=bind,source=/a,target=/b,readonly=${word}`).task.container;
  expect(mounts).toMatchObject([{ readOnly: true }]);
});

test.each([
  ["readonly=yes", "'yes' is no readonly: write true or false"],
  ["ro=on", "'on' is no ro: write true or false"],
  ["volume-nocopy=2", "'2' is no volume-nocopy"],
  ["bind-recursive=no", "'no' is no bind-recursive: write enabled or disabled or writable"],
])("a mount with %s is refused", (word, why) => {
  expect(() => after(`--mount type=bind,source=/a,target=/b,${word}`)).toThrow(why);
});
