import { expect, test } from "vitest";
import { containerProblem } from "../../../core/control/validate-container.ts";
import type { ContainerSpec, Privileges } from "../../../core/model/container-spec.ts";
import type { Mount } from "../../../core/model/mount.ts";
import { fileReference, spec } from "../../support/model.ts";

// Goal: what no engine could make is refused with the text that a user of SwarmKit knows.

const { container } = spec("web").task;

function problem(change: Partial<ContainerSpec>): string | null {
  return containerProblem({ ...container, ...change }, new Map([["tier", "front"]]));
}

function mount(change: Partial<Mount>): Partial<ContainerSpec> {
  return {
    mounts: [{ kind: "bind", source: "/data", target: "/data", readOnly: false, ...change }],
  };
}

function confined(change: Partial<Privileges>): Partial<ContainerSpec> {
  const texts = { seccompMode: "", seccompProfile: "", appArmorMode: "" };
  return { privileges: { noNewPrivileges: false, ...texts, seLinux: null, ...change } };
}

const key = fileReference("key");
const digest = "a".repeat(64);

test.each([
  "web:1",
  "library/web",
  "localhost:5000/team/web_app:v1.2-rc",
  "registry.example.com/a/b/c",
  `web@sha256:${digest}`,
  `web:1@sha256:${digest}`,
  `web@sha512:${digest}${digest}`,
  "Registry.example.com/web",
])("image %s is a reference", (image) => {
  expect(problem({ image })).toBeNull();
});

test.each([
  ...[digest, "Web", "web:", "web:-1", "web//a", "-web", "web 1", "../web", "web@sha256:abc"],
  ...[`web@sha256:${digest}a`, `web@sha256:${digest.toUpperCase()}`, `web@md5:${digest}`],
])("image '%s' is none", (image) => {
  expect(problem({ image })).toBe(`ContainerSpec: "${image}" is not a valid repository/tag`);
});

test("what can be had is valid", () => {
  expect(problem(mount({}))).toBeNull();
  expect(problem(mount({ kind: "tmpfs", source: "" }))).toBeNull();
  const fromLabel = '{{index .Service.Labels "path"}}';
  expect(problem(mount({ source: fromLabel, target: fromLabel }))).toBeNull();
  expect(problem({ env: ["A={{.Service.Labels.tier}}"] })).toBeNull();
  expect(
    problem({
      env: ["A=", "B=1=2", "C"],
      hosts: ["10.0.0.1 db db.local", "::1 me", "host-gateway up"],
    }),
  ).toBeNull();
  expect(problem({ ulimits: [{ name: "nofile", soft: 10, hard: 10 }] })).toBeNull();
  expect(problem({ ulimits: [{ name: "core", soft: -1, hard: -1 }] })).toBeNull();
  for (const oomScoreAdj of [-1000, 0, 1000]) expect(problem({ oomScoreAdj })).toBeNull();
  expect(problem(confined({}))).toBeNull();
  expect(problem(confined({ seccompMode: "custom", seccompProfile: "e30=" }))).toBeNull();
  const off = { seccompMode: "unconfined", appArmorMode: "disabled" };
  expect(problem(confined(off))).toBeNull();
});

test.each<[string, Partial<ContainerSpec>]>([
  ["ContainerSpec: image reference must be provided", { image: "" }],
  ["invalid environment variable: =1", { env: ["A=1", "=1"] }],
  [
    'can\'t fill in {{.Service.Labels.none}}: map has no entry for key "none"',
    { env: ["A={{.Service.Labels.none}}"] },
  ],
  [
    `invalid mount config for type "bind": invalid mount path: 'data' mount path must be absolute`,
    mount({ target: "data" }),
  ],
  [
    'invalid mount config for type "bind": ' +
      "invalid mount path: './data' mount path must be absolute",
    mount({ source: "./data" }),
  ],
  [
    `invalid mount config for type "volume": ` +
      "invalid volume mount source, must not be an absolute path: /data",
    mount({ kind: "volume", source: "/data" }),
  ],
  [`invalid mount config for type "bind": field Target must not be empty`, mount({ target: "" })],
  [
    `invalid mount config for type "tmpfs": field Source must not be specified`,
    mount({ kind: "tmpfs" }),
  ],
  [
    "malformed file secret reference, invalid target file name provided",
    { secrets: [{ ...key, target: "" }] },
  ],
  [
    "malformed file config reference, invalid target file name provided",
    { configs: [{ ...key, target: "" }] },
  ],
  ["invalid UID: root for key: it must be a number", { secrets: [{ ...key, uid: "root" }] }],
  ["invalid GID: -1 for key: it must be a number", { configs: [{ ...key, gid: "-1" }] }],
  [
    "invalid mode for key: it must be between 0 and 07777",
    { secrets: [{ ...key, mode: 0o10000 }] },
  ],
  [
    "ContainerSpec: invalid host entry 'db': it must be an address and its names",
    { hosts: ["db"] },
  ],
  [
    "ContainerSpec: invalid nameserver 'router': it must be an IP address",
    { dns: { nameservers: ["10.0.0.53", "fd00::53", "router"], search: [], options: [] } },
  ],
  [
    "ulimit soft limit must be less than or equal to hard limit: 20 > 10",
    { ulimits: [{ name: "nofile", soft: 20, hard: 10 }] },
  ],
  [
    "ulimit soft limit must be less than or equal to hard limit: -1 > 10",
    { ulimits: [{ name: "nofile", soft: -1, hard: 10 }] },
  ],
  ["invalid value -1001, range for oom score adj is [-1000, 1000]", { oomScoreAdj: -1001 }],
  ["invalid value 1001, range for oom score adj is [-1000, 1000]", { oomScoreAdj: 1001 }],
  [
    "invalid seccomp mode 'off': there is default, unconfined and custom",
    confined({ seccompMode: "off" }),
  ],
  [
    "a seccomp profile goes with the mode custom, and with no other",
    confined({ seccompMode: "custom" }),
  ],
  [
    "a seccomp profile goes with the mode custom, and with no other",
    confined({ seccompMode: "default", seccompProfile: "e30=" }),
  ],
  ["invalid AppArmor mode 'off': there is default and disabled", confined({ appArmorMode: "off" })],
])("%s", (message, change) => {
  expect(problem(change)).toBe(message);
});
