import { z } from "zod";
import { isEqual } from "../../../core/base/equal.ts";
import type { Duration } from "../../../core/base/time.ts";
import type {
  ContainerSpec,
  FilePlace,
  FileReference,
  HealthConfig,
} from "../../../core/model/container-spec.ts";
import { defaultStopGracePeriod, filePlace } from "../../../core/model/service-defaults.ts";
import { ApiError } from "../routes.ts";
import { dockerMount, mountOf, mountSchema } from "./mount.ts";
import { dockerPrivileges, noPrivileges, privilegesOf, privilegesSchema } from "./privileges.ts";
import {
  count,
  dockerObject,
  flag,
  integer,
  labels,
  lean,
  mapOf,
  nanos,
  nanosOf,
  spanOf,
  text,
  texts,
  wordOf,
} from "./schema.ts";

const file = dockerObject({ Name: text, UID: text, GID: text, Mode: count });

const health = dockerObject({
  Test: texts,
  Interval: nanos,
  Timeout: nanos,
  StartPeriod: nanos,
  StartInterval: nanos,
  Retries: integer,
});

const ulimit = dockerObject({ Name: z.string(), Soft: z.int(), Hard: z.int() });

export const containerSchema = dockerObject({
  Image: text,
  Labels: labels,
  Command: texts,
  Args: texts,
  Env: texts,
  Dir: text,
  User: text,
  Groups: texts,
  Hostname: text,
  Hosts: texts,
  DNSConfig: dockerObject({ Nameservers: texts, Search: texts, Options: texts }).optional(),
  TTY: flag,
  OpenStdin: flag,
  ReadOnly: flag,
  Init: flag,
  Isolation: text,
  CapabilityAdd: texts,
  CapabilityDrop: texts,
  Sysctls: labels,
  Ulimits: z.array(ulimit).optional(),
  OomScoreAdj: integer,
  Privileges: privilegesSchema.optional(),
  Mounts: z.array(mountSchema).optional(),
  Secrets: z
    .array(dockerObject({ File: file.optional(), SecretID: text, SecretName: text }))
    .optional(),
  Configs: z
    .array(dockerObject({ File: file.optional(), ConfigID: text, ConfigName: text }))
    .optional(),
  Healthcheck: health.optional(),
  StopSignal: text,
  StopGracePeriod: nanos,
});

type DockerContainer = z.infer<typeof containerSchema>;

/** `before` gives what Docker has no words for. */
export function containerSpecOf(docker: DockerContainer, before: ContainerSpec): ContainerSpec {
  const { Isolation, Init, StopGracePeriod, Healthcheck, DNSConfig: dns } = docker;
  const { OomScoreAdj = 0 } = docker;
  const privileges = privilegesOf(docker.Privileges ?? {});
  wordOf(Isolation, ["default"], "default", `Isolation "${Isolation}" is for Windows only`);
  return {
    image: docker.Image ?? "",
    registryAuth: before.registryAuth,
    labels: mapOf(docker.Labels),
    command: docker.Command ?? [],
    args: docker.Args ?? [],
    env: docker.Env ?? [],
    dir: docker.Dir ?? "",
    user: docker.User ?? "",
    groups: docker.Groups ?? [],
    hostname: docker.Hostname ?? "",
    hosts: docker.Hosts ?? [],
    dns: {
      nameservers: dns?.Nameservers ?? [],
      search: dns?.Search ?? [],
      options: dns?.Options ?? [],
    },
    tty: docker.TTY ?? false,
    openStdin: docker.OpenStdin ?? false,
    readOnly: docker.ReadOnly ?? false,
    init: Init ?? null,
    capabilityAdd: docker.CapabilityAdd ?? [],
    capabilityDrop: docker.CapabilityDrop ?? [],
    sysctls: mapOf(docker.Sysctls),
    ulimits: (docker.Ulimits ?? []).map(({ Name, Soft, Hard }) => {
      return { name: Name, soft: Soft, hard: Hard };
    }),
    ...(OomScoreAdj === 0 ? {} : { oomScoreAdj: OomScoreAdj }),
    ...(isEqual(privileges, noPrivileges) ? {} : { privileges }),
    mounts: (docker.Mounts ?? []).map(mountOf),
    secrets: (docker.Secrets ?? []).map(({ File, SecretID, SecretName }) =>
      referenceOf("secret", File, SecretID, SecretName),
    ),
    configs: (docker.Configs ?? []).map(({ File, ConfigID, ConfigName }) =>
      referenceOf("config", File, ConfigID, ConfigName),
    ),
    health: Healthcheck === undefined ? null : healthOf(Healthcheck),
    stopSignal: docker.StopSignal ?? "",
    stopGracePeriod:
      StopGracePeriod === undefined ? defaultStopGracePeriod : spanOf(StopGracePeriod),
  };
}

/** With `isComplete` also what is as nobody has said it. */
export function dockerContainer(spec: ContainerSpec, isComplete: boolean): DockerContainer {
  const { dns, init, health: check, stopGracePeriod } = spec;
  const isUsual = stopGracePeriod === defaultStopGracePeriod && !isComplete;
  return {
    Image: spec.image,
    ...lean({
      Labels: Object.fromEntries(spec.labels),
      Command: [...spec.command],
      Args: [...spec.args],
      Hostname: spec.hostname,
      Env: [...spec.env],
      Dir: spec.dir,
      User: spec.user,
      Groups: [...spec.groups],
    }),
    ...(init === null ? {} : { Init: init }),
    ...lean({
      TTY: spec.tty,
      OpenStdin: spec.openStdin,
      ReadOnly: spec.readOnly,
      Mounts: spec.mounts.map(dockerMount),
      StopSignal: spec.stopSignal,
    }),
    ...(isUsual ? {} : { StopGracePeriod: nanosOf(stopGracePeriod) }),
    ...(check === null ? {} : { Healthcheck: dockerHealth(check) }),
    ...lean({ Hosts: [...spec.hosts] }),
    DNSConfig: lean({
      Nameservers: [...dns.nameservers],
      Search: [...dns.search],
      Options: [...dns.options],
    }),
    ...lean({
      Secrets: spec.secrets.map(({ id, name, ...place }) => {
        return { File: dockerFile(place), SecretID: id, SecretName: name };
      }),
      Configs: spec.configs.map(({ id, name, ...place }) => {
        return { File: dockerFile(place), ConfigID: id, ConfigName: name };
      }),
    }),
    Isolation: "default",
    ...lean({
      Sysctls: Object.fromEntries(spec.sysctls),
      CapabilityAdd: [...spec.capabilityAdd],
      CapabilityDrop: [...spec.capabilityDrop],
      Ulimits: spec.ulimits.map(({ name, soft, hard }) => {
        return { Name: name, Hard: hard, Soft: soft };
      }),
      OomScoreAdj: spec.oomScoreAdj ?? 0,
      Privileges: spec.privileges === undefined ? {} : dockerPrivileges(spec.privileges),
    }),
  };
}

function referenceOf(
  kind: "secret" | "config",
  File: z.infer<typeof file> | undefined,
  id = "",
  name = "",
): FileReference {
  if (File === undefined) {
    throw new ApiError(400, `${kind} ${name} can only be a file in the container: File is missing`);
  }
  const usual = filePlace(File.Name ?? "");
  const { UID: uid = usual.uid, GID: gid = usual.gid, Mode: mode = usual.mode } = File;
  return { id, name, target: usual.target, uid, gid, mode };
}

function dockerFile({ target, uid, gid, mode }: FilePlace): z.infer<typeof file> {
  return { Name: target, UID: uid, GID: gid, Mode: mode };
}

function healthOf(docker: z.infer<typeof health>): HealthConfig {
  const { Test = [], Interval = 0, Timeout = 0, StartPeriod = 0, Retries = 0 } = docker;
  const { StartInterval = 0 } = docker;
  return {
    test: Test,
    interval: spanOf(Interval),
    timeout: spanOf(Timeout),
    startPeriod: spanOf(StartPeriod),
    retries: Retries,
    ...(StartInterval === 0 ? {} : { startInterval: spanOf(StartInterval) }),
  };
}

function dockerHealth(check: HealthConfig): z.infer<typeof health> {
  return lean({
    Test: [...check.test],
    Interval: nanosOf(check.interval),
    Timeout: nanosOf(check.timeout),
    StartPeriod: nanosOf(check.startPeriod),
    StartInterval: nanosOf(check.startInterval ?? (0 as Duration)),
    Retries: check.retries,
  });
}
