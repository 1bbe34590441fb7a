import type {
  ContainerSpec,
  DnsConfig,
  FileReference,
  HealthConfig,
  Privileges,
  SeLinuxContext,
  Ulimit,
} from "../../core/model/container-spec.ts";
import type { Mount, MountOptions } from "../../core/model/mount.ts";
import { flag, list, nullable, oneOf, optional, text, texts } from "./codec.ts";
import { record } from "./messages.ts";
import { labels } from "./meta.ts";
import { duration, integer, whole } from "./numbers.ts";

const mountOptions = record<MountOptions>("MountOptions", {
  consistency: text,
  propagation: text,
  nonRecursive: flag,
  createMountpoint: flag,
  readOnlyNonRecursive: flag,
  readOnlyForceRecursive: flag,
  subpath: text,
  noCopy: flag,
  labels,
  driverOptions: labels,
  sizeBytes: whole,
  mode: whole,
  tmpfsOptions: texts,
});

const mount = record<Mount>("Mount", {
  kind: oneOf<Mount["kind"]>("MountKind", {
    bind: 1,
    tmpfs: 2,
    volume: 3,
    cluster: 4,
    image: 5,
  }),
  source: text,
  driver: optional(text),
  target: text,
  readOnly: flag,
  options: optional(mountOptions),
});

const fileReference = record<FileReference>("FileReference", {
  id: text,
  name: text,
  target: text,
  uid: text,
  gid: text,
  mode: whole,
});

const health = record<HealthConfig>("HealthConfig", {
  test: texts,
  interval: duration,
  timeout: duration,
  retries: whole,
  startPeriod: duration,
  startInterval: optional(duration),
});

const dns = record<DnsConfig>("DnsConfig", { nameservers: texts, search: texts, options: texts });

const privileges = record<Privileges>("Privileges", {
  noNewPrivileges: flag,
  seccompMode: text,
  seccompProfile: text,
  appArmorMode: text,
  seLinux: nullable(
    record<SeLinuxContext>("SeLinuxContext", {
      disable: flag,
      user: text,
      role: text,
      type: text,
      level: text,
    }),
  ),
});

const ulimit = record<Ulimit>("Ulimit", { name: text, soft: integer, hard: integer });

export const containerSpec = record<ContainerSpec>("ContainerSpec", {
  image: text,
  registryAuth: text,
  labels,
  command: texts,
  args: texts,
  env: texts,
  dir: text,
  user: text,
  groups: texts,
  hostname: text,
  hosts: texts,
  dns,
  tty: flag,
  openStdin: flag,
  readOnly: flag,
  init: nullable(flag),
  capabilityAdd: texts,
  capabilityDrop: texts,
  sysctls: labels,
  ulimits: list(ulimit),
  oomScoreAdj: optional(integer),
  privileges: optional(privileges),
  mounts: list(mount),
  secrets: list(fileReference),
  configs: list(fileReference),
  health: nullable(health),
  stopSignal: text,
  stopGracePeriod: duration,
});
