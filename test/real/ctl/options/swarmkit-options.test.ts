import { Command } from "commander";
import { expect, test } from "vitest";
import type { ServiceSpec } from "../../../../core/model/service.ts";
import { serviceSpec } from "../../../../core/model/service-defaults.ts";
import { specWith, withSpecOptions } from "../../../../real/ctl/options/service-options.ts";
import { plainFlags } from "../../../../real/ctl/plain-flags.ts";

// Goal: who comes from SwarmKit's swarmctl, or from Docker's client, finds the options known there.

const before = serviceSpec("web", "web:1", 1);
const known = {
  env: { HOME: "/root" },
  secrets: new Map([["key", "s1"]]),
  configs: new Map([["conf", "c1"]]),
  networks: new Map([["front", "n1"]]),
};

function command(which: "create" | "update"): Command {
  const made = withSpecOptions(new Command(), which).exitOverride();
  return made.configureOutput({ writeErr: () => undefined });
}

/** The spec after these words of `service update`. */
function after(line: string, spec = before): ServiceSpec {
  const made = command("update");
  made.parse(plainFlags(made, line.split(" ")), { from: "user" });
  return specWith(spec, made.opts(), known);
}

test("SwarmKit's names do what Docker's do", () => {
  for (const [line, dockers] of [
    ["--generic-resources gpu=3,fpga=1", "--generic-resource gpu=3 --generic-resource fpga=1"],
    ["--memory-reservation 64m --cpu-limit 2", "--reserve-memory 64m --limit-cpu 2"],
    ["--memory-limit 64m --cpu-reservation 2", "--limit-memory 64m --reserve-cpu 2"],
    ["--update-on-failure rollback", "--update-failure-action rollback"],
    ["--rollback-on-failure continue", "--rollback-failure-action continue"],
    ["--restart-condition failure", "--restart-condition on-failure"],
    ["--bind /a:/b", "--mount type=bind,source=/a,target=/b"],
    ["--volume /b", "--mount type=volume,target=/b"],
    [
      "--tmpfs /run:size=64m,mode=0755,ro",
      "--mount type=tmpfs,target=/run,tmpfs-size=64m,tmpfs-mode=0755,readonly",
    ],
    ["--add-secret key --add-config conf", "--secret key --config conf"],
  ] as const) {
    expect(after(line)).toEqual(after(dockers));
  }
  expect(() => after("--tmpfs /run:exec")).toThrow("has 'tmpfs-exec'");
  expect(() => after("--bind /a")).toThrow("write /source:/target");
  expect(() => after("--generic-resources gpu=some")).toThrow("'some' is no count");
});

test("SwarmKit's ports have a name and are those of the tasks' nodes", () => {
  expect(after("--ports web:80:8080,dns:53/udp --ports :9:9/tcp").endpoint.ports).toEqual([
    { name: "web", protocol: "tcp", targetPort: 80, publishedPort: 8080, publishMode: "host" },
    { name: "dns", protocol: "udp", targetPort: 53, publishedPort: 0, publishMode: "host" },
    { name: "", protocol: "tcp", targetPort: 9, publishedPort: 9, publishMode: "host" },
  ]);
  for (const port of ["80", "web:x", "web:80/udp:80/tcp", "web:0", "web:80:80:80"]) {
    expect(() => after(`--ports ${port}`)).toThrow("is no port");
  }
});

test("a capability that is added is not dropped any more, and the other way round", () => {
  const dropped = after("--cap-drop NET_ADMIN --cap-add KILL");
  const added = after("--add-capability NET_ADMIN", dropped).task.container;
  expect(added).toMatchObject({ capabilityAdd: ["KILL", "NET_ADMIN"], capabilityDrop: [] });
  const less = after("--rm-capability KILL", dropped).task.container;
  expect(less).toMatchObject({ capabilityAdd: [], capabilityDrop: ["NET_ADMIN", "KILL"] });
});

test("lists are added to and taken from by their keys", () => {
  const first = after("-e A=1 -e B=2 -l x=1 -p 80:80 -p 53:53/udp --mount target=/a --secret key");
  const second = after(
    "--env-add B=3 --env-add C=4 --env-rm A --label-add y=2 --publish-rm 80 --publish-add 81:81 " +
      "--mount-rm /a --mount-add target=/b,readonly --secret-rm key --constraint-add a==b",
    first,
  );
  expect(second.labels).toEqual(new Map(Object.entries({ x: "1", y: "2" })));
  expect(second.endpoint.ports.map(({ targetPort }) => targetPort)).toEqual([53, 81]);
  const { container, placement } = second.task;
  expect(container).toMatchObject({ env: ["B=3", "C=4"], secrets: [] });
  expect(container.mounts).toEqual([{ kind: "volume", source: "", target: "/b", readOnly: true }]);
  expect(placement.constraints).toEqual(["a==b"]);
  const hosts = after("--host db:10.0.0.1 --host six:::1").task.container.hosts;
  expect(hosts).toEqual(["10.0.0.1 db", "::1 six"]);
  expect(() => command("create").parse(["--env-add", "A=1"], { from: "user" })).toThrow(
    "--env-add",
  );
});

test("flags are taken back, and have Docker's =true and =false", () => {
  expect(after("--tty --read-only=true").task.container).toMatchObject({
    ...{ tty: true, readOnly: true },
  });
  const both = after("--tty --init");
  expect(after("--tty=false --no-init", both).task.container).toMatchObject({
    ...{ tty: false, init: false },
  });
  expect(after("--label=true").labels).toEqual(new Map([["true", ""]]));
  expect(after("--no-healthcheck").task.container.health?.test).toEqual(["NONE"]);
});

test("what an option can't mean is refused by name", () => {
  for (const [line, words] of [
    ["--mount target=/b,sorce=/a", "has 'sorce', which is none of"],
    ["-p target=80,publish=80", "has 'publish', which is none of"],
    ["--secret source=key,path=/a", "has 'path', which is none of"],
    ["--ulimit nofile", "is no ulimit"],
    ["--priority high", "'high' is no whole number"],
    ["--oom-score-adj 1.5", "'1.5' is no whole number"],
  ] as const) {
    expect(() => after(line)).toThrow(words);
  }
});
