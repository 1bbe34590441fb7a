import type { Random } from "../../core/base/random.ts";
import { testImage } from "../support/docker.ts";
import { drawLabels, sometimes } from "./draw-service.ts";
import type { Step } from "./step.ts";

// biome-ignore lint/suspicious/noExplicitAny: JSON of any form.
type Json = any;

const stacks = ["shop", "shop", "shop", "blog"];

/** `docker stack deploy` of a file that is read from the input, or `rm`. */
export function drawStack(chance: Random): Step {
  const stack = chance.pick(stacks);
  if (chance.chance(150_000)) return { method: "docker", path: `stack rm ${stack}`, body: null };
  const flags = chance.pick(["", "", "--prune", "--resolve-image never", "--with-registry-auth"]);
  const detached = "--resolve-image never";
  const path = `stack deploy ${flags || detached} -c - ${stack}`;
  return { method: "docker", path, body: JSON.stringify(drawFile(chance)) };
}

/** Commands that show a stack. */
export function stackWords(chance: Random): string {
  const stack = chance.pick([...stacks, "nothing"]);
  return chance.pick([
    "stack ls",
    `stack services ${stack}`,
    `stack ps ${stack}`,
    `stack ps --no-trunc --filter desired-state=running ${stack}`,
    `stack services --filter name=${stack}_web ${stack}`,
    `stack services --format '{{.Name}} {{.Ports}}' ${stack}`,
  ]);
}

/** A compose file: JSON is YAML. */
function drawFile(chance: Random): Json {
  const names = ["web", "db", "job"].filter(() => chance.chance(700_000));
  return {
    version: chance.pick(["3.8", "3.8", "3.8", "3.3", "2"]),
    services: Object.fromEntries(names.map((name) => [name, drawService(chance)])),
    networks: chance.pick([
      { back: {}, host: { external: true } },
      {
        back: { driver: "overlay", attachable: true, labels: { a: "b" } },
        host: { external: true, name: "host" },
      },
      { back: { external: true, name: "front" }, host: { external: true } },
      {
        back: { internal: true, ipam: { config: [{ subnet: "10.97.0.0/24" }] } },
        host: { external: true },
      },
    ]),
    volumes: { data: chance.pick([{}, null, { name: "own", labels: { a: "b" } }]) },
    secrets: { key: { external: true } },
    configs: { key: chance.pick([{ external: true }, { external: { name: "key" } }]) },
  };
}

function drawService(chance: Random): Json {
  return {
    image: testImage,
    command: chance.pick([
      ["sh", "-c", "echo out; exec sleep 100000"],
      ["sh", "-c", "echo out; exec sleep 100000"],
      "sleep 100000",
      "false",
    ]),
    stop_signal: "SIGKILL",
    ...sometimes(chance, 60, () => ({ cap_add: ["NET_ADMIN"], cap_drop: ["CHOWN"] })),
    ...sometimes(chance, 100, () => ({
      configs: chance.pick([["key"], [{ source: "key", target: "/c", mode: 256 }]]),
    })),
    ...sometimes(chance, 100, () => ({
      secrets: chance.pick([["key"], [{ source: "key", target: "pin", uid: "1", mode: 288 }]]),
    })),
    ...sometimes(chance, 60, () => ({ dns: chance.pick(["10.0.0.1", ["10.0.0.1", "10.0.0.2"]]) })),
    ...sometimes(chance, 60, () => ({ dns_search: "here" })),
    ...sometimes(chance, 60, () => ({ entrypoint: chance.pick(["sh -c", ["env"]]) })),
    ...sometimes(chance, 250, () => ({
      environment: chance.pick([["A=1", "B="], { A: "2", "C.D": "x" }, ["A=$UNSET", "E=$$HOME"]]),
    })),
    ...sometimes(chance, 60, () => ({ extra_hosts: ["db:10.0.0.1"] })),
    ...sometimes(chance, 100, () => ({
      healthcheck: chance.pick([
        { test: ["CMD", "true"], interval: "100ms" },
        { disable: true },
        { test: "exit 0", timeout: "1s", retries: 2, start_period: "1s" },
      ]),
    })),
    ...sometimes(chance, 60, () => ({ hostname: "box" })),
    ...sometimes(chance, 60, () => ({ init: true })),
    ...sometimes(chance, 150, () => ({ labels: drawLabels(chance) })),
    ...sometimes(chance, 60, () => ({
      logging: { driver: "json-file", options: { "max-size": "1m" } },
    })),
    ...sometimes(chance, 300, () => ({
      networks: chance.pick([["back"], { back: { aliases: ["x", "y"] } }, ["host"], null, []]),
    })),
    ...sometimes(chance, 250, () => ({
      ports: chance.pick([
        ["8080:80"],
        ["80", "8081:81/udp"],
        [{ target: 80, published: 8080, mode: "host" }],
        [{ target: 80, published: 8080, protocol: "tcp", mode: "ingress" }],
        ["8080-8081:80-81"],
      ]),
    })),
    ...sometimes(chance, 60, () => ({ read_only: true })),
    ...sometimes(chance, 60, () => ({ stdin_open: true, tty: true })),
    ...sometimes(chance, 60, () => ({ stop_grace_period: "1s500ms" })),
    ...sometimes(chance, 60, () => ({ sysctls: { "kernel.shm_rmid_forced": "1" } })),
    ...sometimes(chance, 60, () => ({ ulimits: { nofile: { soft: 64, hard: 128 }, nproc: 10 } })),
    ...sometimes(chance, 60, () => ({ user: "nobody", working_dir: "/tmp" })),
    ...sometimes(chance, 150, () => ({
      volumes: chance.pick([
        ["data:/t"],
        ["/tmp:/t:ro", "/cache"],
        [{ type: "tmpfs", target: "/t" }],
        [{ type: "volume", source: "data", target: "/t", volume: { nocopy: true } }],
      ]),
    })),
    ...sometimes(chance, 30, () => ({ depends_on: ["db"], restart: "always", build: "." })),
    deploy: drawDeploy(chance),
  };
}

function drawDeploy(chance: Random): Json {
  const mode = chance.pick(["replicated", "replicated", "global", "replicated-job", "global-job"]);
  const isJob = mode.endsWith("job");
  return {
    ...(mode === "replicated" ? {} : { mode }),
    ...(mode.startsWith("replicated") ? { replicas: chance.between(isJob ? 1 : 0, 3) } : {}),
    ...sometimes(chance, 200, () => ({ labels: drawLabels(chance) })),
    ...sometimes(chance, isJob ? 20 : 300, () => ({
      update_config: chance.pick([
        { parallelism: 2, delay: "0s", monitor: "500ms", order: "start-first" },
        { failure_action: "rollback", monitor: "500ms", max_failure_ratio: 0.3 },
      ]),
    })),
    ...sometimes(chance, isJob ? 20 : 200, () => ({
      rollback_config: { parallelism: 0, monitor: "500ms", order: "stop-first" },
    })),
    restart_policy: chance.pick([
      { condition: isJob ? "on-failure" : "any", delay: "1h" },
      { condition: "none" },
      { condition: "on-failure", delay: "0s", max_attempts: 1, window: "10m" },
    ]),
    ...sometimes(chance, 150, () => ({
      placement: chance.pick([
        { constraints: ["node.role==manager"] },
        { preferences: [{ spread: "node.labels.zone" }], max_replicas_per_node: 1 },
      ]),
    })),
    ...sometimes(chance, 150, () => ({
      resources: chance.pick([
        { limits: { cpus: "0.5", memory: "64M" }, reservations: { memory: "8M" } },
        {
          reservations: {
            generic_resources: [{ discrete_resource_spec: { kind: "gpu", value: 1 } }],
          },
        },
        { limits: { pids: 100 } },
      ]),
    })),
    ...sometimes(chance, 60, () => ({ endpoint_mode: chance.pick(["vip", "dnsrr"]) })),
  };
}
