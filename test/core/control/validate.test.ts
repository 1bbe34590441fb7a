import { expect, test } from "vitest";
import { limits } from "../../../core/base/limits.ts";
import { type Duration, ms, seconds, us } from "../../../core/base/time.ts";
import { validateServiceSpec } from "../../../core/control/validate.ts";
import type { HealthConfig } from "../../../core/model/container-spec.ts";
import type { ServiceSpec } from "../../../core/model/service.ts";
import type { TaskSpec } from "../../../core/model/task-spec.ts";
import { spec } from "../../support/model.ts";

// Goal: what can't work is refused with the text that a user of SwarmKit knows.

const negative = -1 as Duration;
const tooLong = (limits.longestSpan + 1) as Duration;
const most = "must be at most 100 years (876000h)";
const valid = spec("web", { replicas: 2 });

function withTask(change: Partial<TaskSpec>): ServiceSpec {
  return { ...valid, task: { ...valid.task, ...change } };
}

function withReservations(nanoCpus: number, memoryBytes: number): ServiceSpec {
  return withTask({ reservations: { nanoCpus, memoryBytes } });
}

const { container, restart } = valid.task;
const mode = (replicas: number) => ({ kind: "replicated", replicas }) as const;
const job = (maxConcurrent: number, totalCompletions: number) =>
  ({ kind: "replicated-job", maxConcurrent, totalCompletions }) as const;

function withLimits(nanoCpus: number, memoryBytes: number, pids: number): ServiceSpec {
  return withTask({ limits: { nanoCpus, memoryBytes, pids } });
}

function withConstraints(...constraints: string[]): ServiceSpec {
  return withTask({ placement: { ...valid.task.placement, constraints } });
}

function withConfig(which: "update" | "rollback", config: object): ServiceSpec {
  return { ...valid, [which]: { ...valid[which], ...config } };
}

const health: HealthConfig = {
  test: ["CMD", "check"],
  interval: seconds(30),
  timeout: seconds(30),
  retries: 3,
  startPeriod: seconds(0),
};

function withHealth(change: Partial<HealthConfig>): ServiceSpec {
  return withTask({ container: { ...container, health: { ...health, ...change } } });
}

test("a health check with its spans at nothing or a millisecond is valid", () => {
  const none = seconds(0);
  expect(validateServiceSpec(withHealth({}))).toBeNull();
  expect(validateServiceSpec(withHealth({ interval: none, timeout: none, retries: 0 }))).toBeNull();
  expect(validateServiceSpec(withHealth({ interval: ms(1), timeout: ms(1) }))).toBeNull();
});

test.each<[string, ServiceSpec]>([
  ["invalid cpu value 0.0001: Must be at least 0.001", withLimits(100_000, 0, 0)],
  ["invalid memory value 1: Must be at least 4MiB", withLimits(0, 1, 0)],
  ["invalid pids limit -1: Must not be negative", withLimits(0, 0, -1)],
  [
    "Minimum memory limit can not be less than memory reservation limit, see usage",
    withTask({
      reservations: { nanoCpus: 0, memoryBytes: 16 * 1024 * 1024 },
      limits: { nanoCpus: 0, memoryBytes: 8 * 1024 * 1024, pids: 0 },
    }),
  ],

  [
    "ContainerSpec: Interval in HealthConfig cannot be less than 1ms",
    withHealth({ interval: us(999) }),
  ],
  [
    "ContainerSpec: Timeout in HealthConfig cannot be less than 1ms",
    withHealth({ timeout: negative }),
  ],
  [
    "ContainerSpec: StartPeriod in HealthConfig cannot be less than 1ms",
    withHealth({ startPeriod: us(1) }),
  ],
  ["ContainerSpec: Retries in HealthConfig cannot be negative", withHealth({ retries: -1 })],
  [
    "TaskSpec: restart-max-delay cannot be negative",
    withTask({ restart: { ...restart, maxDelay: negative } }),
  ],
  [`TaskSpec: restart-delay ${most}`, withTask({ restart: { ...restart, delay: tooLong } })],
  [`TaskSpec: restart-window ${most}`, withTask({ restart: { ...restart, window: tooLong } })],
  [`TaskSpec: restart-max-delay ${most}`, withTask({ restart: { ...restart, maxDelay: tooLong } })],
  [`TaskSpec: update-monitor ${most}`, { ...valid, update: { ...valid.update, monitor: tooLong } }],
  [`ContainerSpec: Interval in HealthConfig ${most}`, withHealth({ interval: tooLong })],
  ["meta: name must be provided", spec("")],
  ["name must be 63 characters or fewer", spec("a".repeat(64))],
  ["name must be valid as a DNS name component", spec("-web")],
  ["name must be valid as a DNS name component", spec("web-")],
  ["name must be valid as a DNS name component", spec("we b")],
  ["name must be valid as a DNS name component", spec("web.1")],
  ["name must be valid as a DNS name component", spec("wéb")],
  ["name must be valid as a DNS name component", spec(`${"checkout".repeat(7)}.prod`)],
  ["Number of replicas must be non-negative", { ...valid, mode: mode(-1) }],
  ["Number of replicas must be non-negative", { ...valid, mode: mode(1.5) }],
  ["Number of replicas must be at most 1000000", { ...valid, mode: mode(1_000_001) }],
  ["Total completions must be non-negative", { ...valid, mode: job(1, -1) }],
  ["Total completions must be at most 1000000", { ...valid, mode: job(1, 1_000_001) }],
  ["Maximum concurrent jobs must be positive", { ...valid, mode: job(0, 3) }],
  ["Maximum concurrent jobs must be positive", { ...valid, mode: job(1.5, 3) }],
  [
    "Jobs may not have an update config",
    { ...valid, mode: job(1, 3), update: { ...valid.update, parallelism: 2 } },
  ],
  [
    "Jobs may not have an update config",
    { ...valid, mode: { kind: "global-job" }, update: { ...valid.update, order: "start-first" } },
  ],
  [
    "TaskSpec: update-parallelism cannot be negative",
    { ...valid, update: { ...valid.update, parallelism: -1 } },
  ],
  [
    "TaskSpec: update-delay cannot be negative",
    { ...valid, update: { ...valid.update, delay: negative } },
  ],
  [
    "ContainerSpec: image reference must be provided",
    withTask({ container: { ...container, image: "" } }),
  ],
  ["invalid cpu value 0.0005: Must be at least 0.001", withReservations(500_000, 0)],
  ["invalid cpu value -1: Must be at least 0.001", withReservations(-1e9, 0)],
  ["invalid memory value 1024: Must be at least 4MiB", withReservations(0, 1024)],
  [
    "TaskSpec: restart-delay cannot be negative",
    withTask({ restart: { ...restart, delay: negative } }),
  ],
  [
    "TaskSpec: restart-window cannot be negative",
    withTask({ restart: { ...restart, window: negative } }),
  ],
  [
    "TaskSpec: restart-max-attempts cannot be negative",
    withTask({ restart: { ...restart, maxAttempts: -1 } }),
  ],
  [
    "TaskSpec: stop-grace-period cannot be negative",
    withTask({ container: { ...container, stopGracePeriod: negative } }),
  ],
  [
    "constraint expected one operator from ==, !=",
    withConstraints("node.role==worker", "node.role"),
  ],
  ["key '' is invalid", withConstraints("==worker")],
  ...(["update", "rollback"] as const).flatMap((which): [string, ServiceSpec][] => [
    [`TaskSpec: ${which}-parallelism cannot be negative`, withConfig(which, { parallelism: -1 })],
    [`TaskSpec: ${which}-delay cannot be negative`, withConfig(which, { delay: negative })],
    [`TaskSpec: ${which}-monitor cannot be negative`, withConfig(which, { monitor: negative })],
    [
      `TaskSpec: ${which}-progress-deadline cannot be negative`,
      withConfig(which, { progressDeadline: negative }),
    ],
    ...[-1, 1_000_001].map((maxFailureRatioPpm): [string, ServiceSpec] => [
      `TaskSpec: ${which}-maxfailureratio cannot be less than 0 or bigger than 1`,
      withConfig(which, { maxFailureRatioPpm }),
    ]),
  ]),
])("validateServiceSpec() refuses with %j", (message, wrong) => {
  expect(validateServiceSpec(wrong)).toEqual({ code: "InvalidArgument", message });
});

test("validateServiceSpec() takes what is valid, at its bounds", () => {
  for (const right of [
    valid,
    spec("a".repeat(63)),
    spec("a_-_b-1"),
    spec("9"),
    { ...valid, mode: mode(0) },
    { ...valid, mode: job(1, 0) },
    { ...valid, mode: job(9, 3) },
    { ...valid, mode: { kind: "global" as const } },
    { ...valid, mode: { kind: "global-job" as const } },
    withReservations(1_000_000, 4 * 1024 * 1024),
    withReservations(0, 0),
    withConfig("update", { parallelism: 0, maxFailureRatioPpm: 1_000_000 }),
  ]) {
    expect(validateServiceSpec(right)).toBeNull();
  }
});
