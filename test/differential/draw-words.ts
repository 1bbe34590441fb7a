import type { Random } from "../../core/base/random.ts";
import { testImage } from "../support/docker.ts";
import type { ServiceName } from "./draw-service.ts";

/** What follows a flag; empty for one that stands alone. As a shell reads it. */
type Values = readonly string[];

/** Flags that `service create` and `service update` share, and a wrong value at times. */
const shared: Readonly<Record<string, Values>> = {
  "--cap-add": ["NET_ADMIN", "cap_chown", "ALL", "''"],
  "--cap-drop": ["CHOWN", "all"],
  "--endpoint-mode": ["vip", "dnsrr", "other"],
  "--entrypoint": ["'sh -c'", "''"],
  "--health-cmd": ["true", "'exit 0'"],
  "--health-interval": ["100ms", "1us", "x"],
  "--health-retries": ["1", "-1"],
  "--health-start-period": ["0s", "1s"],
  "--health-timeout": ["1s", "2m"],
  "--hostname": ["box", "'{{.Service.Name}}-{{.Task.Slot}}'", "'{{'"],
  "--init": [""],
  "--isolation": ["default"],
  "--limit-cpu": ["1", "0.5", ".5", "0", "-1"],
  "--limit-memory": ["64m", "1", "0", "x"],
  "--limit-pids": ["0", "100", "-1"],
  "--log-driver": ["json-file", "local", "none"],
  "--log-opt": ["max-size=1m"],
  "--max-concurrent": ["1", "2"],
  "--no-healthcheck": [""],
  "--read-only": [""],
  "--replicas": ["0", "1", "2", "3", "-1"],
  "--replicas-max-per-node": ["0", "1", "2"],
  "--reserve-cpu": ["0.1", "900"],
  "--reserve-memory": ["8m", "1000t"],
  "--restart-delay": ["1h"],
  "--restart-max-attempts": ["1", "2"],
  "--restart-window": ["0s", "10m", "-1s"],
  "--rollback-delay": ["0s", "100ms"],
  "--rollback-failure-action": ["pause", "continue", "rollback"],
  "--rollback-max-failure-ratio": ["0", "0.3", "2"],
  "--rollback-monitor": ["500ms"],
  "--rollback-order": ["start-first", "stop-first", "x"],
  "--rollback-parallelism": ["0", "1", "2"],
  "--stop-grace-period": ["1s", "0", "-1s"],
  "--stop-signal": ["SIGKILL", "9", "KILL"],
  "--tty": [""],
  "--update-delay": ["0s", "100ms"],
  "--update-failure-action": ["pause", "continue", "rollback", "stop"],
  "--update-max-failure-ratio": ["0", "0.3", "1"],
  "--update-monitor": ["500ms", "1s"],
  "--update-order": ["start-first", "stop-first"],
  "--update-parallelism": ["0", "1", "2"],
  "--user": ["nobody", "0:0", "1234"],
  "--with-registry-auth": [""],
  "--workdir": ["/tmp", "tmp"],
  "--quiet": [""],
};

const port = [
  ...["8080:80", "8081:80/udp", "80", "8080-8081:80-81", "published=8080,target=80", "x"],
  ...["target=80,mode=host", "published=8081,target=443,protocol=udp,mode=host", "mode=host"],
];
const mount = [
  ...["type=volume,src=data,dst=/t", "type=tmpfs,dst=/t,tmpfs-size=4096,tmpfs-mode=1777"],
  ...["type=bind,src=/tmp,dst=/t,ro", "type=bind,src=/tmp,dst=/u,bind-propagation=rslave"],
  ...["type=volume,dst=/t,volume-nocopy,volume-label=a=b", "dst=/t", "type=bind,src=tmp,dst=/t"],
];

/** Lists: the flag of `create`, that of `update --...-add`, and the words of `--...-rm`. */
const lists: readonly { flag: string; values: Values; removed: Values }[] = [
  { flag: "--config", values: ["key", "src=key,target=/c,mode=0400", "no"], removed: ["key"] },
  {
    flag: "--constraint",
    values: ["node.role==manager", "node.labels.zone!=a", "'node.role == worker'", "x"],
    removed: ["node.role==manager", "x"],
  },
  { flag: "--container-label", values: ["a=b", "c", "a=c"], removed: ["a", "c"] },
  { flag: "--dns", values: ["10.0.0.1", "10.0.0.2", "x"], removed: ["10.0.0.1"] },
  { flag: "--dns-option", values: ["ndots:1", "timeout:2"], removed: ["ndots:1"] },
  { flag: "--dns-search", values: ["here", "there.example", "."], removed: ["here"] },
  {
    flag: "--env",
    values: ["A=1", "A=2", "B=", "'NODE={{.Node.Hostname}}'", "C"],
    removed: ["A", "B"],
  },
  { flag: "--generic-resource", values: ["gpu=1", "gpu=x"], removed: ["gpu"] },
  { flag: "--group", values: ["0", "nobody"], removed: ["0"] },
  { flag: "--host", values: ["db:10.0.0.1", "db:10.0.0.2", "x"], removed: ["db:10.0.0.1", "db"] },
  { flag: "--label", values: ["tier=front", "tier=back", "a.b"], removed: ["tier", "a.b"] },
  { flag: "--mount", values: mount, removed: ["/t", "/u"] },
  {
    flag: "--network",
    values: ["front", "name=front,alias=x", "host", "nowhere"],
    removed: ["front", "host"],
  },
  {
    flag: "--placement-pref",
    values: ["spread=node.labels.zone", "x"],
    removed: ["spread=node.labels.zone"],
  },
  { flag: "--publish", values: port, removed: ["80", "8080:80", "target=80"] },
  {
    flag: "--secret",
    values: ["key", "source=key,target=pin,uid=1,gid=1,mode=0440", "no"],
    removed: ["key"],
  },
  {
    flag: "--sysctl",
    values: ["kernel.shm_rmid_forced=1", "x"],
    removed: ["kernel.shm_rmid_forced"],
  },
  {
    flag: "--ulimit",
    values: ["nofile=64:128", "nproc=10", "nofile=2:1", "x"],
    removed: ["nofile"],
  },
];

/** Without a registry an image has no digest; the CLI says so. */
const always = ["--restart-delay 1h", "--stop-signal SIGKILL"];

/** `docker service create` with flags of its own choice. */
export function createWords(chance: Random, name: ServiceName, kind: string): string {
  const flags = [
    ...always,
    `--name ${name}`,
    ...(kind === "replicated" && chance.chance(500_000) ? [] : [`--mode ${kind}`]),
    ...drawShared(chance),
    ...several(chance, 2, () => {
      const { flag, values } = chance.pick(lists);
      return `${flag} ${mostly(chance, values)}`;
    }),
  ];
  return `service create ${flags.join(" ")} ${ending(chance)} ${testImage} ${program(chance)}`;
}

/** `docker service update`: other flags, and what is added and removed of lists. */
export function updateWords(chance: Random, name: string): string {
  const flags = [
    ...drawShared(chance),
    ...several(chance, 2, () => {
      const { flag, values, removed } = chance.pick(lists);
      const adds = chance.chance(700_000);
      return adds ? `${flag}-add ${mostly(chance, values)}` : `${flag}-rm ${chance.pick(removed)}`;
    }),
    ...(chance.chance(150_000) ? ["--force"] : []),
    ...(chance.chance(100_000) ? ["--rollback"] : []),
    ...(chance.chance(150_000) ? [`--image ${testImage}`] : []),
    ...(chance.chance(150_000) ? [`--args "-c 'exec sleep 100001'"`] : []),
  ];
  return `service update ${flags.join(" ")} ${ending(chance)} ${name}`;
}

function drawShared(chance: Random): string[] {
  return several(chance, 4, () => {
    const flag = chance.pick(Object.keys(shared));
    const value = mostly(chance, shared[flag] ?? []);
    return value === "" ? flag : `${flag} ${value}`;
  });
}

function several(chance: Random, most: number, draw: () => string): string[] {
  return Array.from({ length: chance.between(0, most) }, draw);
}

/** The last value of some is wrong. */
function mostly(chance: Random, values: Values): string {
  const value = chance.pick(values);
  return chance.chance(700_000) ? (values[0] ?? "") : value;
}

function ending(chance: Random): string {
  return chance.pick(["--detach", "--detach", "--detach --no-resolve-image"]);
}

function program(chance: Random): string {
  return chance.pick([
    "sh -c 'echo out; echo err >&2; exec sleep 100000'",
    "sh -c 'echo out; echo err >&2; exec sleep 100000'",
    "sleep 100000",
    "sh -c 'echo done'",
    "false",
  ]);
}
