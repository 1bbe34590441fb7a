import { type Command, Option } from "commander";
import { ms, seconds } from "../../core/base/time.ts";
import type { ContainerSpec, HealthConfig } from "../../core/model/container-spec.ts";
import type { EndpointSpec } from "../../core/model/endpoint.ts";
import type { ServiceMode, ServiceSpec } from "../../core/model/service.ts";
import type { Placement, RestartPolicy, TaskSpec } from "../../core/model/task-spec.ts";
import type { UpdateConfig } from "../../core/model/update-config.ts";
import { type FileLookup, fileOf, mountOf, portOf } from "./service-words.ts";
import { bytesOf, collected, countOf, durationOf, nanoCpusOf, pairOf, ppmOf } from "./units.ts";

/** What one option of `service create` and `service update` does to the spec. */
interface SpecOption {
  readonly option: Option;
  readonly apply: (spec: ServiceSpec, value: never, files: FileLookup) => ServiceSpec;
}

type Apply<T> = (spec: ServiceSpec, value: T, files: FileLookup) => ServiceSpec;

function one<T>(
  flags: string,
  about: string,
  parse: (text: string) => T,
  apply: Apply<T>,
): SpecOption {
  return { option: new Option(flags, about).argParser(parse), apply };
}

function choice<T extends string>(
  flags: string,
  about: string,
  values: readonly T[],
  apply: Apply<T>,
): SpecOption {
  return { option: new Option(flags, about).choices([...values]), apply };
}

function several(flags: string, about: string, apply: Apply<readonly string[]>): SpecOption {
  return { option: new Option(flags, about).argParser(collected), apply };
}

function flag(flags: string, about: string, apply: Apply<boolean>): SpecOption {
  return { option: new Option(flags, about), apply };
}

const word = (text: string) => text;

function inTask(spec: ServiceSpec, change: Partial<TaskSpec>): ServiceSpec {
  return { ...spec, task: { ...spec.task, ...change } };
}

function inContainer(spec: ServiceSpec, change: Partial<ContainerSpec>): ServiceSpec {
  return inTask(spec, { container: { ...spec.task.container, ...change } });
}

function inRestart(spec: ServiceSpec, change: Partial<RestartPolicy>): ServiceSpec {
  return inTask(spec, { restart: { ...spec.task.restart, ...change } });
}

function inPlacement(spec: ServiceSpec, change: Partial<Placement>): ServiceSpec {
  return inTask(spec, { placement: { ...spec.task.placement, ...change } });
}

function inEndpoint(spec: ServiceSpec, change: Partial<EndpointSpec>): ServiceSpec {
  return { ...spec, endpoint: { ...spec.endpoint, ...change } };
}

/** Docker's defaults where a check is first spoken of. */
const newHealth: HealthConfig = {
  test: [],
  interval: seconds(30),
  timeout: seconds(30),
  retries: 3,
  startPeriod: ms(0),
};

function inHealth(spec: ServiceSpec, change: Partial<HealthConfig>): ServiceSpec {
  return inContainer(spec, { health: { ...(spec.task.container.health ?? newHealth), ...change } });
}

function inLog(spec: ServiceSpec, change: Partial<NonNullable<TaskSpec["logDriver"]>>) {
  const before = spec.task.logDriver ?? { name: "json-file", options: new Map() };
  return inTask(spec, { logDriver: { ...before, ...change } });
}

function modeNamed(kind: ServiceMode["kind"]): ServiceMode {
  if (kind === "replicated") return { kind, replicas: 1 };
  if (kind === "replicated-job") return { kind, maxConcurrent: 1, totalCompletions: 1 };
  return { kind };
}

function withReplicas(spec: ServiceSpec, replicas: number): ServiceSpec {
  const { mode } = spec;
  if (mode.kind === "replicated") return { ...spec, mode: { ...mode, replicas } };
  if (mode.kind !== "replicated-job") {
    throw new Error(`--replicas is for replicated services: ${spec.name} is ${mode.kind}`);
  }
  const maxConcurrent = Math.max(1, replicas);
  return { ...spec, mode: { ...mode, totalCompletions: replicas, maxConcurrent } };
}

function atMostAtOnce(spec: ServiceSpec, maxConcurrent: number): ServiceSpec {
  const { mode } = spec;
  if (mode.kind === "replicated-job") return { ...spec, mode: { ...mode, maxConcurrent } };
  throw new Error(`--max-concurrent is for replicated jobs: ${spec.name} is ${mode.kind}`);
}

const general: readonly SpecOption[] = [
  choice(
    "--mode <mode>",
    "how many tasks there are",
    ["replicated", "global", "replicated-job", "global-job"] as const,
    (spec, kind) => ({ ...spec, mode: modeNamed(kind) }),
  ),
  one("--replicas <count>", "tasks, or completions of a job", countOf, withReplicas),
  one("--max-concurrent <count>", "tasks of a job at a time", countOf, atMostAtOnce),
  several("--label <key=value>", "label of the service", (spec, labels) => {
    return { ...spec, labels: new Map(labels.map(pairOf)) };
  }),
  several(
    "--depends-on <service>",
    "service that must run before this one starts",
    (spec, names) => {
      return { ...spec, dependsOn: names };
    },
  ),
  several(
    "-p, --publish <port>",
    "published port: 8080:80, 53:53/udp, or mode=host,...",
    (spec, words) => {
      return inEndpoint(spec, { ports: words.map(portOf) });
    },
  ),
  choice("--endpoint-mode <mode>", "vip or dnsrr", ["vip", "dnsrr"] as const, (spec, mode) => {
    return inEndpoint(spec, { mode });
  }),
];

const container: readonly SpecOption[] = [
  one("--image <image>", "what to run", word, (spec, image) => inContainer(spec, { image })),
  several("--command <word>", "in place of the image's entrypoint", (spec, command) => {
    return inContainer(spec, { command });
  }),
  several("--args <word>", "argument of the command; may be repeated", (spec, args) => {
    return inContainer(spec, { args });
  }),
  several("-e, --env <name=value>", "variable of the environment", (spec, env) => {
    return inContainer(spec, { env });
  }),
  several("--container-label <key=value>", "label of each container", (spec, labels) => {
    return inContainer(spec, { labels: new Map(labels.map(pairOf)) });
  }),
  several("--mount <mount>", "type=bind,source=/a,target=/b,readonly", (spec, words) => {
    return inContainer(spec, { mounts: words.map(mountOf) });
  }),
  several(
    "--secret <secret>",
    "name, or source=name,target=path,mode=0400",
    (spec, words, files) => {
      return inContainer(spec, { secrets: words.map((each) => fileOf(each, files.secrets)) });
    },
  ),
  several("--config <config>", "name, or source=name,target=path", (spec, words, files) => {
    return inContainer(spec, { configs: words.map((each) => fileOf(each, files.configs)) });
  }),
  one("-u, --user <user>", "user within the container", word, (spec, user) => {
    return inContainer(spec, { user });
  }),
  one("-w, --workdir <path>", "working directory", word, (spec, dir) => inContainer(spec, { dir })),
  one("--hostname <name>", "name of the container's host", word, (spec, hostname) => {
    return inContainer(spec, { hostname });
  }),
  flag("--tty", "with a terminal", (spec, tty) => inContainer(spec, { tty })),
  flag("--read-only", "the root file system is not written to", (spec, readOnly) => {
    return inContainer(spec, { readOnly });
  }),
  flag("--init", "a small init process reaps others", (spec, init) => inContainer(spec, { init })),
  several("--cap-add <name>", "capability to have", (spec, capabilityAdd) => {
    return inContainer(spec, { capabilityAdd });
  }),
  several("--cap-drop <name>", "capability to be without", (spec, capabilityDrop) => {
    return inContainer(spec, { capabilityDrop });
  }),
  several("--host <address name>", "line for /etc/hosts", (spec, hosts) => {
    return inContainer(spec, { hosts });
  }),
  one("--stop-signal <signal>", "what asks it to stop", word, (spec, stopSignal) => {
    return inContainer(spec, { stopSignal });
  }),
  one("--stop-grace-period <span>", "until it is killed", durationOf, (spec, stopGracePeriod) => {
    return inContainer(spec, { stopGracePeriod });
  }),
  one("--health-cmd <command>", "command that checks its health", word, (spec, command) => {
    return inHealth(spec, { test: ["CMD-SHELL", command] });
  }),
  one("--health-interval <span>", "between two checks", durationOf, (spec, interval) => {
    return inHealth(spec, { interval });
  }),
  one("--health-timeout <span>", "for one check", durationOf, (spec, timeout) => {
    return inHealth(spec, { timeout });
  }),
  one("--health-retries <count>", "failures in a row", countOf, (spec, retries) => {
    return inHealth(spec, { retries });
  }),
  one(
    "--health-start-period <span>",
    "in which failures do not count",
    durationOf,
    (spec, startPeriod) => {
      return inHealth(spec, { startPeriod });
    },
  ),
];

const task: readonly SpecOption[] = [
  one("--reserve-cpu <count>", "processors set aside", nanoCpusOf, (spec, nanoCpus) => {
    return inTask(spec, { reservations: { ...spec.task.reservations, nanoCpus } });
  }),
  one("--reserve-memory <bytes>", "memory set aside", bytesOf, (spec, memoryBytes) => {
    return inTask(spec, { reservations: { ...spec.task.reservations, memoryBytes } });
  }),
  one("--limit-cpu <count>", "processors at most", nanoCpusOf, (spec, nanoCpus) => {
    return inTask(spec, { limits: { ...spec.task.limits, nanoCpus } });
  }),
  one("--limit-memory <bytes>", "memory at most", bytesOf, (spec, memoryBytes) => {
    return inTask(spec, { limits: { ...spec.task.limits, memoryBytes } });
  }),
  one("--limit-pids <count>", "processes at most", countOf, (spec, pids) => {
    return inTask(spec, { limits: { ...spec.task.limits, pids } });
  }),
  several("--generic-resource <kind=count>", "resource of the node set aside", (spec, words) => {
    const pairs = words.map(pairOf).map(([kind, count]) => [kind, countOf(count)] as const);
    return inTask(spec, { genericReservations: new Map(pairs) });
  }),
  several("--network <name>", "network, or host, none, bridge", (spec, names) => {
    return inTask(spec, { networks: names.map((target) => ({ target, aliases: [] })) });
  }),
  one("--log-driver <name>", "where its output goes", word, (spec, name) => inLog(spec, { name })),
  several("--log-opt <key=value>", "option of the log driver", (spec, words) => {
    return inLog(spec, { options: new Map(words.map(pairOf)) });
  }),
  one("--priority <number>", "above others, where preemption is on", Number, (spec, priority) => {
    return inTask(spec, { priority });
  }),
  several("--constraint <expression>", "node.labels.zone==a", (spec, constraints) => {
    return inPlacement(spec, { constraints });
  }),
  several("--placement-pref <preference>", "spread=node.labels.zone", (spec, words) => {
    return inPlacement(spec, { preferences: words.map((each) => each.replace(/^spread=/, "")) });
  }),
  one("--replicas-max-per-node <count>", "0 is no limit", countOf, (spec, maxReplicas) => {
    return inPlacement(spec, { maxReplicas });
  }),
  several("--affinity <service>", "next to whose tasks it runs", (spec, affinity) => {
    return inPlacement(spec, { affinity });
  }),
  several(
    "--anti-affinity <service>",
    "next to whose tasks it never runs",
    (spec, antiAffinity) => {
      return inPlacement(spec, { antiAffinity });
    },
  ),
  choice(
    "--restart-condition <condition>",
    "when a task that ended is replaced",
    ["none", "on-failure", "any"] as const,
    (spec, condition) => inRestart(spec, { condition }),
  ),
  one("--restart-delay <span>", "before the replacement starts", durationOf, (spec, delay) => {
    return inRestart(spec, { delay });
  }),
  one(
    "--restart-max-delay <span>",
    "up to which the delay doubles",
    durationOf,
    (spec, maxDelay) => {
      return inRestart(spec, { maxDelay });
    },
  ),
  one("--restart-max-attempts <count>", "0 is no limit", countOf, (spec, maxAttempts) => {
    return inRestart(spec, { maxAttempts });
  }),
  one("--restart-window <span>", "in which attempts count", durationOf, (spec, window) => {
    return inRestart(spec, { window });
  }),
];

/** The same options for `update` and for `rollback`. */
function rollout(which: "update" | "rollback"): readonly SpecOption[] {
  const change = (spec: ServiceSpec, part: Partial<UpdateConfig>): ServiceSpec => {
    return { ...spec, [which]: { ...spec[which], ...part } };
  };
  const actions = ["pause", "continue", "rollback"] as const;
  return [
    one(`--${which}-parallelism <count>`, "tasks at a time; 0: all", countOf, (spec, parallelism) =>
      change(spec, { parallelism }),
    ),
    one(`--${which}-delay <span>`, "between two tasks", durationOf, (spec, delay) =>
      change(spec, { delay }),
    ),
    choice(
      `--${which}-failure-action <action>`,
      "if too many fail",
      actions,
      (spec, failureAction) => change(spec, { failureAction }),
    ),
    one(`--${which}-monitor <span>`, "in which an end is a failure", durationOf, (spec, monitor) =>
      change(spec, { monitor }),
    ),
    one(`--${which}-max-failure-ratio <ratio>`, "0 to 1", ppmOf, (spec, maxFailureRatioPpm) =>
      change(spec, { maxFailureRatioPpm }),
    ),
    choice(
      `--${which}-order <order>`,
      "which of two tasks comes first",
      ["stop-first", "start-first"] as const,
      (spec, order) => change(spec, { order }),
    ),
    one(
      `--${which}-progress-deadline <span>`,
      "without any: paused",
      durationOf,
      (spec, progressDeadline) => change(spec, { progressDeadline }),
    ),
  ];
}

const all = [...general, ...container, ...task, ...rollout("update"), ...rollout("rollback")];

/** Adds every option to `command`. */
export function withSpecOptions(command: Command): Command {
  for (const { option } of all) command.addOption(option);
  return command;
}

/** `spec` with what the options say, in the order of the lists above. */
export function specWith(
  spec: ServiceSpec,
  options: Readonly<Record<string, unknown>>,
  files: FileLookup,
): ServiceSpec {
  return all.reduce((result, { option, apply }) => {
    const value = options[option.attributeName()];
    return value === undefined ? result : apply(result, value as never, files);
  }, spec);
}
