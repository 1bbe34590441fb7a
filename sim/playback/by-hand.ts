import { unreachable } from "../../core/base/assert.ts";
import type { ClusterFrame, NodeFrame, ServiceFrame } from "../../core/observe/frame.ts";
import type { FaultCommand, OperatorCommand } from "../../core/observe/source.ts";
import { recoveries } from "../liveness/recoveries.ts";
import { checkScenario } from "../scenario/check.ts";
import {
  type Action,
  crash,
  heal,
  partition,
  pause,
  restart,
  resume,
  type ScenarioPlan,
  type Step,
  scale,
} from "../scenario/dsl.ts";
import { span } from "../scenario/units.ts";

/** What a person may do to a run that is being played. */
export type HandCommand = Exclude<FaultCommand, { readonly kind: "save" }> | OperatorCommand;

/** How long the run does not heal after the last thing that was done by hand, in microseconds. */
const aftermath = 60_000_000;

/**
 * The plan with one more step, after this moment: up to then its runs are the same. What it would
 * have done later it still does; it recovers anew when some time has passed. Or why not, in words.
 */
export function byHand(
  plan: ScenarioPlan,
  command: HandCommand,
  frame: ClusterFrame,
): { readonly plan: ScenarioPlan } | { readonly wrong: string } {
  const wrong = problemNow(command, frame);
  if (wrong !== null) return { wrong };
  const at = frame.at + 1;
  const steps = plan.steps ?? [];
  const before = steps.filter((other) => span(other.at) <= at);
  const step: Step = { at: `${at / 1e6}s`, action: actionOf(command, frame) };
  const all = [...before, step, ...steps.slice(before.length)];
  return checked({ ...plan, steps: all, ...recovery(plan, at) }, before.length);
}

function recovery(plan: ScenarioPlan, at: number): Pick<ScenarioPlan, "recoverAt"> {
  const times = recoveries(plan);
  const last = Math.max(times.at(-1) ?? 0, at + aftermath);
  const all = [...times.filter((time) => time < at), last];
  return { recoverAt: all.map((time) => `${time / 1e6}s` as const) };
}

/** Without what contradicts the new step: expectations, and later steps that have no object now. */
function checked(plan: ScenarioPlan, step: number): { plan: ScenarioPlan } | { wrong: string } {
  const problems = checkScenario(plan);
  if (problems.length === 0) return { plan };
  const isRefused = (where: string) =>
    problems.some((problem) => problem.where.split(" ")[0] === where);
  const steps = (plan.steps ?? []).filter((_, at) => at <= step || !isRefused(`steps[${at}]`));
  const expect = plan.expect.filter((_, at) => !isRefused(`expect[${at}]`));
  const dropped = (plan.steps?.length ?? 0) - steps.length + plan.expect.length - expect.length;
  if (dropped > 0 && !isRefused(`steps[${step}]`)) return checked({ ...plan, steps, expect }, step);
  return { wrong: problems.map(({ reason }) => reason).join("; ") };
}

/** Why the command can't be carried out on the cluster as it is, or null. */
function problemNow(command: HandCommand, { nodes, services, cuts }: ClusterFrame): string | null {
  const machineProblem = (id: string, wanted: readonly NodeFrame["machine"][]) => {
    const node = nodes.find((each) => each.id === id);
    if (node === undefined) return `there is no node ${id}`;
    return wanted.includes(node.machine) ? null : `${id} is ${node.machine}`;
  };
  switch (command.kind) {
    case "crash":
      return machineProblem(command.node, ["up", "paused"]);
    case "restart":
      return machineProblem(command.node, ["down", "refused"]);
    case "pause-node":
      return machineProblem(command.node, ["up"]);
    case "resume-node":
      return machineProblem(command.node, ["paused"]);
    case "heal":
      return cuts.length > 0 ? null : "no link is cut";
    case "cut": {
      const { from, to } = command;
      const isCut = cuts.some((link) => link.from === from && link.to === to);
      return isCut ? `${from} can't reach ${to} already` : null;
    }
    case "scale": {
      const service = serviceOf(command, services);
      if (service === undefined) return `there is no service ${command.service}`;
      return service.mode === "replicated" ? null : `${service.name} is ${service.mode}`;
    }
    default:
      return null;
  }
}

function serviceOf(
  { service }: OperatorCommand & { kind: "scale" },
  services: readonly ServiceFrame[],
): ServiceFrame | undefined {
  return services.find(({ id, name }) => id === service || name === service);
}

function actionOf(command: HandCommand, { services }: ClusterFrame): Action {
  switch (command.kind) {
    case "cut":
      return partition([command.from], [command.to]);
    case "isolate":
      return partition([command.node], "rest");
    case "heal":
      return heal();
    case "crash":
      return crash(command.node);
    case "restart":
      return restart(command.node);
    case "pause-node":
      return pause(command.node);
    case "resume-node":
      return resume(command.node);
    case "availability":
      return { do: "availability", nodes: command.node, availability: command.availability };
    case "role":
      return { do: "role", nodes: command.node, role: command.role };
    case "scale":
      return scale(serviceOf(command, services)?.name ?? command.service, command.replicas);
    default:
      return unreachable(command);
  }
}
