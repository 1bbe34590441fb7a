import type { Duration } from "../base/time.ts";
import type { Mount } from "./mount.ts";

/**
 * What a task's container is. Field names follow SwarmKit's `ContainerSpec`. Empty texts and lists
 * leave it to the image or to the engine.
 */
export interface ContainerSpec {
  readonly image: string;
  /** Base 64 of Docker's `X-Registry-Auth`; empty: pulled by nobody in particular. */
  readonly registryAuth: string;
  readonly labels: ReadonlyMap<string, string>;
  /** Replaces the image's entrypoint. */
  readonly command: readonly string[];
  /** Replaces the image's own arguments. */
  readonly args: readonly string[];
  /** `NAME=value`, or `NAME` to take one of the image's away. */
  readonly env: readonly string[];
  /** The working directory. */
  readonly dir: string;
  /** A name or a number, perhaps with a group: `1000:1000`. */
  readonly user: string;
  /** Groups besides the user's own. */
  readonly groups: readonly string[];
  readonly hostname: string;
  /** Lines for `/etc/hosts`: `address name...`. */
  readonly hosts: readonly string[];
  readonly dns: DnsConfig;
  readonly tty: boolean;
  /** Its input stays open though nobody writes to it. */
  readonly openStdin: boolean;
  /** The root of its file system is not written to. */
  readonly readOnly: boolean;
  /** Whether a small init process reaps what others leave; null: as the engine does. */
  readonly init: boolean | null;
  readonly capabilityAdd: readonly string[];
  readonly capabilityDrop: readonly string[];
  readonly sysctls: ReadonlyMap<string, string>;
  readonly ulimits: readonly Ulimit[];
  /** From -1000 to 1000: the higher, the sooner it goes when memory is short. Left out: 0. */
  readonly oomScoreAdj?: number;
  /** Left out: as the engine does. */
  readonly privileges?: Privileges;
  readonly mounts: readonly Mount[];
  readonly secrets: readonly FileReference[];
  readonly configs: readonly FileReference[];
  /** Null: the image's, and without one the task runs as soon as its container does. */
  readonly health: HealthConfig | null;
  /** `SIGTERM` and the like, or a number. */
  readonly stopSignal: string;
  /** From asking a container to stop until it is killed. */
  readonly stopGracePeriod: Duration;
}

/** What confines a container besides its capabilities; names follow SwarmKit's `Privileges`. */
export interface Privileges {
  /** Its processes never gain more than they began with. */
  readonly noNewPrivileges: boolean;
  /** `default`, `unconfined`, or `custom` with a profile. Empty: as the engine does. */
  readonly seccompMode: string;
  /** JSON in base 64; empty unless the mode is `custom`. */
  readonly seccompProfile: string;
  /** `default` or `disabled`. Empty: as the engine does. */
  readonly appArmorMode: string;
  /** Null: as the engine does. */
  readonly seLinux: SeLinuxContext | null;
}

/** Empty texts leave a part of the label to the engine. */
export interface SeLinuxContext {
  readonly disable: boolean;
  readonly user: string;
  readonly role: string;
  readonly type: string;
  readonly level: string;
}

export interface DnsConfig {
  /** IP addresses. */
  readonly nameservers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

/** As `setrlimit` has it; -1: no limit. */
export interface Ulimit {
  /** Without `RLIMIT_`, in small letters: `nofile`. */
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

/** How a secret or a config lies in a container. */
export interface FilePlace {
  /** The path in the container; a relative one is below `/run/secrets`, or `/` for a config. */
  readonly target: string;
  /** Numbers, as texts: the node does not know the names of the image. */
  readonly uid: string;
  readonly gid: string;
  /** Permission bits. */
  readonly mode: number;
}

/** A secret or a config as a file in the container. */
export interface FileReference extends FilePlace {
  /** Of the secret or the config. */
  readonly id: string;
  /** Its name when the reference was made, for people. */
  readonly name: string;
}

/** How the executor finds out whether a container is healthy. Names follow Docker's. */
export interface HealthConfig {
  /** `CMD` and its arguments, `CMD-SHELL` and a line, or `NONE`, which turns off the image's. */
  readonly test: readonly string[];
  readonly interval: Duration;
  readonly timeout: Duration;
  /** Failures in a row that make the container unhealthy. */
  readonly retries: number;
  /** Failures this early do not count. */
  readonly startPeriod: Duration;
  /** Between checks within `startPeriod`; left out: the engine's own, 5 s. */
  readonly startInterval?: Duration;
}
