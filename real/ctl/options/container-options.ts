import { isUtf8 } from "node:buffer";
import { Option } from "commander";
import { ms, seconds } from "../../../core/base/time.ts";
import type { HealthConfig } from "../../../core/model/container-spec.ts";
import type { ServiceSpec } from "../../../core/model/service.ts";
import { countOf, durationOf, integerOf } from "../../command-line/units.ts";
import { bytesIn } from "../../text-file.ts";
import type { Known } from "./service-words.ts";
import {
  configs,
  containerLabels,
  env,
  groups,
  hosts,
  mounts,
  nameservers,
  resolverOptions,
  searchDomains,
  secrets,
  sysctls,
  ulimits,
  variableOf,
} from "./spec-lists.ts";
import { flag, inContainer, list, one, type SpecOption, several } from "./spec-option.ts";

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

const word = (text: string) => text;

const health: readonly SpecOption[] = [
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
  one("--health-start-period <span>", "failures do not count", durationOf, (spec, startPeriod) => {
    return inHealth(spec, { startPeriod });
  }),
  one("--health-start-interval <span>", "checks meanwhile", durationOf, (spec, startInterval) => {
    return inHealth(spec, { startInterval });
  }),
  {
    option: new Option("--no-healthcheck", "without the image's check"),
    apply: (spec, isChecked: boolean) =>
      isChecked ? spec : inContainer(spec, { health: { ...newHealth, test: ["NONE"] } }),
  },
];

const rights: readonly SpecOption[] = [
  one("-u, --user <user>", "user within the container", word, (spec, user) => {
    return inContainer(spec, { user });
  }),
  ...list("--group <group>", "group besides the user's own", groups),
  ...flag("--read-only", "the root file system is not written to", (spec, readOnly) => {
    return inContainer(spec, { readOnly });
  }),
  several("--cap-add <name>", "capability to have", (spec, capabilityAdd) => {
    return inContainer(spec, { capabilityAdd });
  }),
  several("--cap-drop <name>", "capability to be without", (spec, capabilityDrop) => {
    return inContainer(spec, { capabilityDrop });
  }),
  ...list("--sysctl <name=value>", "setting of the kernel", sysctls),
  ...list("--ulimit <name=soft:hard>", "such as nofile=1024:2048", ulimits),
  one("--oom-score-adj <number>", "-1000 to 1000", integerOf, (spec, oomScoreAdj) => {
    return inContainer(spec, { oomScoreAdj });
  }),
];

/** What one task's container is. */
export const containerOptions: readonly SpecOption[] = [
  one("--image <image>", "what to run", word, (spec, image) => inContainer(spec, { image })),
  several("--command <word>", "in place of the image's entrypoint", (spec, command) => {
    return inContainer(spec, { command });
  }),
  several("--args <word>", "argument of the command; may be repeated", (spec, args) => {
    return inContainer(spec, { args });
  }),
  ...list("-e, --env <name=value>", "variable of the environment", env),
  {
    ...several("--env-file <file>", "lines such as NAME=value; --env goes before", withEnvFiles),
    only: "create",
  },
  ...list("--container-label <key=value>", "label of each container", containerLabels),
  ...list("--mount <mount>", "type=bind,source=/a,target=/b,readonly", mounts),
  ...list("--secret <secret>", "name, or source=name,target=path,mode=0400", secrets),
  ...list("--config <config>", "name, or source=name,target=path", configs),
  one("-w, --workdir <path>", "working directory", word, (spec, dir) => inContainer(spec, { dir })),
  one("--hostname <name>", "name of the container's host", word, (spec, hostname) => {
    return inContainer(spec, { hostname });
  }),
  ...list("--host <name:address>", "line for /etc/hosts", hosts),
  ...list("--dns <address>", "name server", nameservers),
  ...list("--dns-search <domain>", "where names are looked up too", searchDomains),
  ...list("--dns-option <option>", "option of the resolver", resolverOptions),
  ...flag("-t, --tty", "with a terminal", (spec, tty) => inContainer(spec, { tty })),
  ...flag("--open-stdin", "its input stays open", (spec, openStdin) => {
    return inContainer(spec, { openStdin });
  }),
  ...flag("--init", "a small init process reaps others", (spec, init) =>
    inContainer(spec, { init }),
  ),
  one("--stop-signal <signal>", "what asks it to stop", word, (spec, stopSignal) => {
    return inContainer(spec, { stopSignal });
  }),
  one("--stop-grace-period <span>", "until it is killed", durationOf, (spec, stopGracePeriod) => {
    return inContainer(spec, { stopGracePeriod });
  }),
  ...rights,
  ...health,
];

/** Refuses what Docker's client does (`opts.ParseEnvFile`). */
function envLinesIn(path: string): readonly string[] {
  const bytes = bytesIn(path);
  if (!isUtf8(bytes)) throw new Error(`${path} is no text: write a line NAME=value for each`);
  const all = new TextDecoder().decode(bytes).split(/\r?\n/);
  const lines = all.map((line) => line.trimStart()).filter((line) => !/^(#|$)/.test(line));
  const wrong = lines.find((line) => /^([^=]*[ \t]|=)/.test(line));
  if (wrong === undefined) return lines;
  throw new Error(`${path}: '${wrong.split("=")[0]}' is no name of a variable: write NAME=value`);
}

function withEnvFiles(
  spec: ServiceSpec,
  paths: readonly string[],
  { env: own }: Known,
): ServiceSpec {
  const variables = paths.flatMap(envLinesIn).map((line) => variableOf(line, own));
  return inContainer(spec, { env: [...variables, ...spec.task.container.env] });
}
