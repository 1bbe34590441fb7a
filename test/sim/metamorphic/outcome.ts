import { noBug } from "../../../core/base/planted.ts";
import type { ServiceSpec } from "../../../core/model/service.ts";
import { slotOf, type Task } from "../../../core/model/task.ts";
import { isWanted, TaskState } from "../../../core/model/task-state.ts";
import type { ScenarioPlan } from "../../../sim/scenario/dsl.ts";
import { simulate } from "../../../sim/simulate.ts";
import type { World } from "../../../sim/world/world.ts";

/** What a run came to, in parts that two runs may be asked to share. */
export interface Outcome {
  /** Of each service its spec, and which slots run or have completed; places do not count. */
  readonly desired: Readonly<Record<string, string>>;
  /** How many tasks each node has, and each service on a node, in order of size. */
  readonly shape: Readonly<Record<string, string>>;
  /** Every task that was made, but for where, when and under which id. */
  readonly decisions: readonly string[];
  /** What users were told, in the order of their commands. */
  readonly answers: readonly string[];
}

export function outcomeOf(plan: ScenarioPlan, seed = "1"): Outcome {
  const seen: { world: World | null } = { world: null };
  const decisions: string[] = [];
  const answers = new Map<number, string>();
  const { verdict, violations } = simulate(
    plan,
    seed,
    {
      observer: {
        watch: (world) => {
          seen.world = world;
          return {
            ...{ frame: () => undefined },
            committed: ({ events }) => {
              for (const { previous, current } of events) {
                if (previous === null && current?.kind === "task") decisions.push(told(current));
              }
            },
            acknowledged: (request, reply) => {
              if (request.kind !== "command" || reply.kind !== "outcome") return;
              const { outcome } = reply;
              const said = outcome.kind === "done" ? "done" : outcome.rejection.message;
              answers.set(request.request.sequence, `${request.command.kind}: ${plain(said)}`);
            },
          };
        },
      },
    },
    noBug,
  );
  if (verdict !== "pass") throw new Error(JSON.stringify(violations));
  const world = seen.world as World;
  return {
    desired: desiredOf(world),
    shape: shapeOf(world),
    decisions: decisions.sort(),
    answers: [...answers].sort(([left], [right]) => left - right).map(([, said]) => said),
  };
}

function told({ name, slot, specVersion, isUpdate, jobIteration, spec }: Task): string {
  const where = slot === 0 ? name.split(".")[0] : name;
  const { image } = spec.container;
  return `${where} version ${specVersion}, run ${jobIteration}, ${image} ${isUpdate}`;
}

/** Without the ids, which are drawn. */
function plain(text: string): string {
  return text.replace(/[a-z0-9]{25}/g, "ID");
}

function desiredOf({ history: { view } }: World): Record<string, string> {
  const services = [...view.services.values()].map(({ id, spec, job }) => {
    const ofNow = ({ jobIteration }: Task) => jobIteration === (job?.iteration ?? null);
    const tasks = [...view.tasksOfService(id).values()].filter(ofNow).filter(serves);
    const slots = [...new Set(tasks.map(slotOf))].map(String).sort();
    const count = spec.mode.kind === "replicated" ? String(slots.length) : slots.join(" ");
    return [spec.name, `${wordsOf(spec)}: ${count}`];
  });
  return Object.fromEntries(services);
}

function wordsOf({ mode, task }: ServiceSpec): string {
  return `${JSON.stringify(mode)} ${task.container.image} ${task.placement.constraints.join()}`;
}

function serves({ status, desiredState }: Task): boolean {
  const isDone = status.state === TaskState.COMPLETE;
  return isDone || (isWanted(desiredState) && status.state === TaskState.RUNNING);
}

function shapeOf({ history: { view } }: World): Record<string, string> {
  const nodes = [...view.nodes.keys()];
  const running = [...view.tasks.values()].filter(
    ({ status }) => status.state === TaskState.RUNNING,
  );
  const sizes = (tasks: readonly Task[]) =>
    nodes
      .map((node) => tasks.filter(({ nodeId }) => nodeId === node).length)
      .sort()
      .join(" ");
  const services = [...view.services.values()].map(({ id, spec }) => {
    return [spec.name, sizes(running.filter(({ serviceId }) => serviceId === id))];
  });
  return Object.fromEntries([...services, ["all", sizes(running)]]);
}
