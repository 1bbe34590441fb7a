import { isDeepStrictEqual } from "node:util";
import { comparable, type Difference } from "./compare.ts";
import { nodeRules } from "./known-nodes.ts";
import type { Json, Occasion, Rule } from "./rule.ts";
import {
  at,
  goesOnAlike,
  hasFailed,
  isLine,
  isMessage,
  isOnlyMode,
  messageOf,
  ofTasks,
  said,
  saysNothing,
  serviceOf,
  tasksOf,
} from "./shown.ts";
import { arranged } from "./state.ts";
import {
  atOnce,
  isPrettyJob,
  notMeant,
  ofCompleted,
  ofGo,
  ofNetworkUpdate,
  ofRemovedJob,
  ofUpdate,
  ofUpdates,
  ofWrite,
  usualSpan,
  usualUpdate,
} from "./words.ts";

const rules: readonly Rule[] = [
  ...nodeRules,
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
    explains: ({ path, swarm, ours }, { ours: { body } }) =>
      (path.endsWith("pec.EndpointSpec") && swarm === undefined && isOnlyMode(ours)) ||
      (/^answer\.body\.out\.Endpoint Mode:( {2}vip)?$/.test(path) &&
        body.out["Endpoint Mode:  vip"] === 1),
  },
  {
    name: "a client's mistake is a 4xx where Swarm answers 500",
    explains: ({ path, swarm, ours }) =>
      path === "answer.status" && swarm === 500 && ours >= 400 && ours < 500,
  },
  {
    name: "a span that is the usual one is shown where nobody has asked for one",
    explains: ({ path, swarm, ours }) =>
      /\.(RestartPolicy\.Delay|(Update|Rollback)Config\.Monitor)$/.test(path) &&
      swarm === undefined &&
      ours === usualSpan,
  },
  {
    name: "a version that is none is refused in plain words",
    explains: ({ path, swarm }) => isMessage(path) && /^invalid \w+ version/.test(swarm),
  },
  {
    name: "parsers speak plainly",
    explains: (_, { swarm, ours }) => ours.status >= 400 && ofGo.test(messageOf(swarm)),
  },
  {
    name: "networks that are said beside those of the tasks may be changed",
    explains: (_, { swarm, ours }) =>
      ours.status === 200 && /networks must be migrated to TaskSpec/.test(messageOf(swarm)),
  },
  {
    name: "what can't be had is refused by its name",
    explains: (_, { ours }) => / is not supported by this cluster(:|$)/m.test(messageOf(ours)),
  },
  {
    name: "words of filters are Docker's of today",
    explains: ({ path }, { swarm, ours }) =>
      isMessage(path) &&
      /\bInvalid .*filter/.test(messageOf(swarm)) &&
      messageOf(swarm).toLowerCase() === messageOf(ours).toLowerCase(),
  },
  {
    name: "the service is looked for before what it is to be",
    explains: ({ path }, { step, ours, swarm }) =>
      path.startsWith("answer.") &&
      /^\/services\/[^/]+\/update/.test(step.path) &&
      ours.status === 404 &&
      /^service \S+ not found$/.test(messageOf(ours)) &&
      swarm.status >= 400,
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
    explains: ({ path }, { swarm, state }) => {
      const [, owner] = /^(.+?)\.(?:Previous)?Spec\.(?:TaskTemplate\.)?Networks$/.exec(path) ?? [];
      if (owner === undefined) return false;
      const [, name = ""] = /^state\.tasks\.(\w+)\./.exec(path) ?? [];
      const { Spec, PreviousSpec } = at(name === "" ? owner : `state.services.${name}`, {
        answer: swarm,
        state,
      });
      return [Spec, PreviousSpec].some((spec) => !saysNothing(spec?.Networks));
    },
  },
  {
    name: "the spec of a rollback is not read",
    explains: ({ path }, { step, swarm, ours }) =>
      path.startsWith("answer.") &&
      step.path.includes("rollback=previous") &&
      swarm.status >= 400 &&
      (ours.status === 200 || /not found|does not have a previous spec/.test(messageOf(ours))),
  },
  {
    name: "what a node would refuse for each task is refused at once",
    explains: (_, { ours }) => atOnce.test(messageOf(ours)),
  },
  {
    name: "a global service has no tasks for a node of another platform",
    explains: ({ swarm, ours }) =>
      ours === undefined && /unsupported platform/.test(JSON.stringify(swarm)),
  },
  {
    name: "what can't be meant is refused, where Swarm takes it, or something else for it",
    explains: (_, { ours }) => notMeant.test(messageOf(ours)),
  },
  {
    name: "a policy of updates that is the usual one is not shown of the spec before",
    explains: ({ path, swarm, ours }) =>
      /\.PreviousSpec\.(Update|Rollback)Config$/.test(path) &&
      ours === undefined &&
      isDeepStrictEqual(swarm, usualUpdate),
  },
  {
    name: "a container on the network `host` may have ports that every node answers",
    explains: ({ path }, { state }) =>
      tasksOf(state, /^state\.\w+\.(\w+)\./.exec(path)?.[1] ?? "").some(({ Status }) =>
        / connected to host network$/.test(Status.Err),
      ),
  },
  {
    name: "how a job would be updated may be said, as long as it is as usual",
    explains: (_, { swarm }) => /Jobs may not have an update config/.test(messageOf(swarm)),
  },
  {
    name: "a job is not updated, and does not show how it would be",
    explains: ({ path, ours }, { swarm }) =>
      (/\.Spec\.(UpdateConfig|RollbackConfig)$/.test(path) && ours === undefined) ||
      (/^answer\.body\.out\./.test(path) && isPrettyJob(swarm) && ofUpdates.test(path)),
  },
  {
    name: "an open port is shown once, whether for IPv4 and IPv6 or on an engine without a bridge",
    explains: ({ path, swarm, ours }) =>
      (path.endsWith(".PortStatus.Ports") && swarm === undefined) ||
      (/\.PortStatus\.Ports\.\d+$/.test(path) && ours === undefined),
  },
  {
    name: "a task that was given up before any node had it is forgotten",
    explains: ({ path, ours }) => ours === undefined && / {2}Shutdown {2}Pending /.test(path),
  },
  {
    name: "a root that was replaced once is not to be replaced again",
    explains: ({ path, ours }) => path.endsWith(".CAConfig.ForceRotate") && saysNothing(ours),
  },
  {
    name: "each write of an object is an event, and each side writes by its own ways",
    explains: ({ path, swarm, ours }) => ofWrite.test(path) && (swarm === undefined || ours > 0),
  },
  {
    name: "a network has its numbers from the beginning: it is not updated",
    explains: ({ path, ours }) => ours === undefined && ofNetworkUpdate.test(path),
  },
  {
    name: "an update takes the place of a task that has not started at once, start-first or not",
    explains: ({ path }, { state }) => {
      const [, name = ""] = /^state\.tasks\.(\w+)\.\d+\./.exec(path) ?? [];
      const { Spec } = state.services?.[name] ?? {};
      const isStartFirst = [Spec?.UpdateConfig, Spec?.RollbackConfig].some(
        (config) => config?.Order === "start-first",
      );
      const tasks: Json[] = state.tasks?.[name]?.flat() ?? [];
      return isStartFirst && tasks.some(({ Status }) => Status.State === "pending");
    },
  },
  {
    name: "a network does not show who is in it on a node",
    explains: ({ path, ours }) =>
      ours === undefined && /^answer\.body(\.out\.\d+)?\.(Containers|Peers)\b/.test(path),
  },
  {
    name: "the ingress network has its name for an id, and none of the nodes' own is in the list",
    explains: ({ path }) =>
      /^answer\.body\.out\.\S+ {2}(ingress {2}overlay|(bridge|host|none) {2}\w+)/.test(path),
  },
  {
    name: "a value of another kind than a field's is refused by our own words",
    explains: ({ path, swarm }, { ours }) =>
      isMessage(path) &&
      swarm !== undefined &&
      /^invalid value for (the body|[\w.]+): expected /.test(messageOf(ours)),
  },
  {
    name: "a network without a good name is refused as other objects are",
    explains: ({ path, swarm }) => isMessage(path) && /^invalid name: /.test(swarm),
  },
  {
    name: "a template says what it can't fill in in our own words",
    explains: ({ path, swarm }) => isMessage(path) && /expanding \w+ failed/.test(swarm),
  },
  {
    name: "a filter for a mode that is none is refused",
    explains: (_, { ours }) => /^invalid mode filter/.test(messageOf(ours)),
  },
  {
    name: "configs are found by `names` in newer versions",
    explains: (_, { swarm }) => swarm.body?.message === "Invalid filter 'names'",
  },
  {
    name: "a container that never started has no exit code",
    explains: ({ path, swarm, ours }) =>
      path.endsWith("Status.ContainerStatus.ExitCode") &&
      [126, 127, 128].includes(swarm) &&
      saysNothing(ours),
  },
  {
    name: "an unhealthy task had started",
    explains: ({ path, swarm, ours }) =>
      path.endsWith("Status.Message") && swarm === "starting" && ours === "started",
  },
  {
    name: "an update that has not ended goes on while its service is scaled",
    explains: ({ path, swarm, ours }) =>
      /^state\.services\.\w+\.UpdateStatus$/.test(path) &&
      swarm === undefined &&
      ["updating", "completed"].includes(ours?.State),
  },
  {
    name: "a task that is rejected once it has stopped shows with what",
    explains: ({ path, swarm }, { state }) =>
      /^state\.tasks\..*\.ContainerStatus\.ExitCode$/.test(path) &&
      swarm === 0 &&
      at(path.replace(/\.ContainerStatus\.ExitCode$/, ""), { state }).State === "rejected",
  },
  {
    name: "an update takes slots that are alike in an order of its own",
    explains: ({ path }, { state, ourState }) => {
      const name = serviceOf(path);
      if (name === null) return false;
      const [swarm, ours] = [state, ourState].map((each) =>
        arranged(said(comparable(tasksOf(each, name)))),
      );
      return isDeepStrictEqual(swarm, ours);
    },
  },
  {
    name: "a change that touches no task leaves alone what a rollback leads to",
    explains: ({ path }, { swarm, state }) => {
      const [service, more] = path.split(".PreviousSpec");
      if (service === undefined || more === undefined) return false;
      const { Spec, PreviousSpec } = at(service, { answer: swarm, state });
      return isDeepStrictEqual(ofTasks(Spec), ofTasks(PreviousSpec));
    },
  },
  {
    name: "a job that is removed takes its tasks along",
    explains: ({ path, ours }, { step, ours: { body }, state }) => {
      if (state.tasks?.removed !== undefined && step.path.startsWith("stack ps")) {
        return Object.keys(body.err).some((line) => line.startsWith("nothing found in stack"));
      }
      return ours === undefined && (path === "state.tasks.removed" || ofRemovedJob.test(path));
    },
  },
  {
    name: "a job keeps no more of its earlier runs than the history limit says",
    explains: ({ path, swarm, ours = 0 }, { state }) => {
      const [, name = ""] = ofCompleted.exec(path) ?? [];
      return state.services?.[name]?.JobStatus?.JobIteration?.Index >= 5 && swarm > ours;
    },
  },
  {
    name: "docker's client does not bear some of what Swarm itself shows",
    explains: (_, { swarm }) => /^panic: runtime error/m.test(messageOf(swarm)),
  },
  {
    name: "Swarm may be late with the logs of tasks that come while they are followed",
    explains: ({ path, swarm = 0, ours }, { step }) =>
      step.path.startsWith("service logs --follow") && isLine(path) && swarm < ours,
  },
  {
    name: "each side gives a network the lowest numbers that it has free",
    explains: ({ path }) => /\.IPAM\.Config|\.vxlanid_list$/.test(path),
  },
  {
    name: "subnets are refused in the words of newer versions",
    explains: ({ path, swarm }) => isMessage(path) && /invalid CIDR/.test(`${swarm} ${path}`),
  },
  {
    name: "a task that is no container is refused by its runtime",
    explains: (_, { ours }) => /^Runtime "\w+" is not supported/.test(messageOf(ours)),
  },
  {
    name: "a network that there is already is looked for last",
    explains: ({ path }, { swarm, ours }) =>
      path.startsWith("answer.") &&
      /network with name \S+ already exists/.test(messageOf(swarm)) &&
      ours.status >= 400,
  },
  {
    name: "an update of what says nothing is none",
    explains: ({ path }, occasion) => {
      const [, what, name = ""] = /^state\.(services|tasks)\.(\w+)\b/.exec(path) ?? [];
      const { Spec, PreviousSpec } = occasion.state.services?.[name] ?? {};
      const isNone =
        PreviousSpec !== undefined && isDeepStrictEqual(said(Spec), said(PreviousSpec));
      if (what === "tasks") return isNone && goesOnAlike(path, occasion);
      return isNone && ofUpdate.test(path);
    },
  },
  {
    name: "a slot of a job whose attempts are over is given up, and the next one begun",
    explains: ({ path }, { state }) => {
      const name = serviceOf(path) ?? "";
      const { Spec } = state.services?.[name] ?? {};
      const { Condition, MaxAttempts = 0 } = Spec?.TaskTemplate?.RestartPolicy ?? {};
      const most = Condition === "none" ? 0 : MaxAttempts || Number.POSITIVE_INFINITY;
      if (Spec?.Mode?.ReplicatedJob === undefined) return false;
      return state.tasks[name]?.some((slot: Json[]) => slot.filter(hasFailed).length > most);
    },
  },
  {
    name: "a task that no node ever had is not waited for",
    explains: ({ path, swarm, ours }, { state }) =>
      /^state\.tasks\..*\.DesiredState$/.test(path) &&
      swarm === "ready" &&
      ours === "running" &&
      at(path.replace(/\.DesiredState$/, ""), { state }).Status.State === "pending",
  },
  {
    name: "what a rollback may not be like is refused as for an update",
    explains: (_, { ours }) => /TaskSpec: rollback-\w+ cannot be/.test(messageOf(ours)),
  },
  {
    name: "docker's client names one of a file's mistakes",
    explains: (_, { swarm, ours }) =>
      [swarm, ours].every((answer) => /Additional property/.test(messageOf(answer))),
  },
];

export function isKnown(difference: Difference, occasion: Occasion): boolean {
  return rules.some((rule) => rule.explains(difference, occasion));
}
