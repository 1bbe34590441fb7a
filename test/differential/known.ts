import type { Difference } from "./compare.ts";
import type { Answer } from "./side.ts";
import type { Step } from "./step.ts";

/** After which step something differs, and what was answered to it. */
export interface Occasion {
  readonly step: Step;
  readonly swarm: Answer;
  readonly ours: Answer;
}

/** A difference that is meant, and documented (docs/docker-api.md). */
interface Rule {
  readonly name: string;
  explains(difference: Difference, occasion: Occasion): boolean;
}

const rules: readonly Rule[] = [
  {
    name: "what says nothing is shown, or not",
    explains: ({ path, swarm, ours }) =>
      path.length > "answer.body".length && saysNothing(swarm) && saysNothing(ours),
  },
  {
    name: "fields of newer versions are shown to older clients too",
    explains: ({ path, swarm }) => path.endsWith(".EnableIPv4") && swarm === undefined,
  },
  {
    name: "the mode of an endpoint is shown where nobody has asked for one",
    explains: ({ path, swarm, ours }) =>
      path.endsWith("pec.EndpointSpec") && swarm === undefined && isOnlyMode(ours),
  },
  {
    name: "a client's mistake is a 4xx where Swarm answers 500",
    explains: ({ path, swarm, ours }) =>
      path === "answer.status" && swarm === 500 && ours >= 400 && ours < 500,
  },
  {
    name: "a version that is none is refused in plain words",
    explains: ({ path, swarm }) => isMessage(path) && /^invalid \w+ version/.test(swarm),
  },
  {
    name: "parsers speak plainly",
    explains: (_, { swarm, ours }) => ours.status >= 400 && ofGo.test(swarm.body?.message ?? ""),
  },
  {
    name: "what can't be had is refused by its name",
    explains: (_, { ours }) => / is not supported by this cluster$/.test(ours.body?.message ?? ""),
  },
  {
    name: "words of filters are Docker's of today",
    explains: ({ path, swarm, ours }) =>
      isMessage(path) &&
      /^Invalid .*filter/.test(swarm) &&
      swarm.toLowerCase() === ours.toLowerCase(),
  },
  {
    name: "the service is looked for before what it is to be",
    explains: ({ path }, { ours, swarm }) =>
      path.startsWith("answer.") && ours.status === 404 && swarm.status >= 400,
  },
  {
    name: "a network of the nodes' own has its name for an id",
    explains: ({ path, ours }) => /\.Networks\.\d+\.Target$/.test(path) && ours === "host",
  },
  {
    name: "a name leads to the tasks themselves, not to a virtual address",
    explains: ({ path, swarm, ours }) =>
      path.endsWith(".Endpoint.Spec.Mode") && swarm !== "dnsrr" && ours !== "vip",
  },
  {
    name: "networks that are said beside those of the tasks are shown as those",
    explains: ({ path }, { step }) =>
      /pec\.Networks$|TaskTemplate\.Networks$/.test(path) && /\},"Networks"/.test(step.body ?? ""),
  },
  {
    name: "the spec of a rollback is not read",
    explains: ({ path }, { step }) =>
      path.startsWith("answer.") && step.path.includes("rollback=previous"),
  },
  {
    name: "what a node would refuse for each task is refused at once",
    explains: (_, { ours }) => atOnce.test(ours.body?.message ?? ""),
  },
  {
    name: "a global service has no tasks for a node of another platform",
    explains: ({ swarm, ours }) =>
      ours === undefined && /unsupported platform/.test(JSON.stringify(swarm)),
  },
  {
    name: "configs are found by `names` in newer versions",
    explains: (_, { swarm }) => swarm.body?.message === "Invalid filter 'names'",
  },
  {
    name: "a container that never started has no exit code",
    explains: ({ path, swarm }) =>
      path.endsWith("Status.ContainerStatus.ExitCode") && [126, 127, 128].includes(swarm),
  },
  {
    name: "an unhealthy task had started",
    explains: ({ path, swarm, ours }) =>
      path.endsWith("Status.Message") && swarm === "starting" && ours === "started",
  },
  {
    name: "a drained node's tasks go on until others run, and jobs do so elsewhere",
    explains: ({ path }, { step }) =>
      path.startsWith("state.tasks.") && /"Availability":"drain"/.test(step.body ?? ""),
  },
  {
    name: "a global job that is removed takes its tasks along",
    explains: ({ path, ours }) => path === "state.tasks.removed" && ours === undefined,
  },
  {
    name: "each side gives a network the lowest numbers that it has free",
    explains: ({ path }) => /\.IPAM\.Config|\.vxlanid_list$/.test(path),
  },
  {
    name: "subnets are refused in the words of newer versions",
    explains: ({ path, swarm }) => isMessage(path) && /invalid CIDR/.test(swarm),
  },
  {
    name: "a job that may run nothing at a time is refused",
    explains: (_, { ours }) => /Maximum concurrent jobs must be positive/.test(ours.body?.message),
  },
];

const atOnce =
  /Minimum memory limit|invalid mount config|is not between 1 and 65535|invalid pids limit/;

/** What Go's parsers say. */
const ofGo = /^(json: |invalid character |unexpected EOF|unexpected end of JSON)/;

function isMessage(path: string): boolean {
  return path === "answer.body.message";
}

/** Also of what differs from nothing in nothing. */
function saysNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === 0 || value === false) {
    return true;
  }
  return typeof value === "object" && Object.values(value).every(saysNothing);
}

function isOnlyMode(value: unknown): boolean {
  return JSON.stringify(value) === '{"Mode":"vip"}';
}

export function isKnown(difference: Difference, occasion: Occasion): boolean {
  return rules.some((rule) => rule.explains(difference, occasion));
}
