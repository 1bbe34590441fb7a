import { limits } from "../../core/base/limits.ts";
import type { Task } from "../../core/model/task.ts";
import { isTerminal, TaskState } from "../../core/model/task-state.ts";
import type { StoreView } from "../../core/store/view.ts";
import type { Commit, History } from "../world/history.ts";
import { BrokenInvariant, type CheckedWorld, type Checker } from "./checker.ts";
import { isOutdated } from "./outdated.ts";
import { slotNameOf } from "./slot-tasks.ts";
import { beginning, UpdateScene } from "./update-scene.ts";

type Begun = readonly (readonly [UpdateScene, Task[]])[];

const none: Begun = [];

/** Where updates have begun slots in a commit, with the tasks that they have begun them with. */
function begunIn(view: StoreView, commit: Commit): Begun {
  const made = new Map<string, Task[]>();
  for (const event of commit.tasks) {
    const task = beginning(event);
    if (task !== null) made.set(task.serviceId, [...(made.get(task.serviceId) ?? []), task]);
  }
  if (made.size === 0) return none;
  return [...made].flatMap(([service, tasks]) => {
    const scene = UpdateScene.of(view, commit, service);
    const begun = scene === null ? [] : tasks.filter((task) => !scene.isAgain(task));
    return scene === null || begun.length === 0 ? [] : [[scene, begun] as const];
  });
}

/** No more slots are replaced at once than the update allows; all of them where it says all. */
export class UpdateParallelism implements Checker {
  readonly name = "update-parallelism";
  readonly source = "SwarmKit orchestrator/update: as many workers as `parallelism`, 0: as slots";
  checks = 0;
  readonly #world: Pick<CheckedWorld, "history" | "buggify">;

  constructor(world: Pick<CheckedWorld, "history" | "buggify">) {
    this.#world = world;
  }

  committed(commit: Commit): void {
    const { view } = this.#world.history;
    for (const [scene, begun] of begunIn(view, commit)) {
      this.checks += 1;
      const most = scene.config.parallelism;
      const detail =
        most === 0 ? this.#leftOut(scene, begun, commit) : tooMany(scene, begun.length, most);
      if (detail !== null) throw new BrokenInvariant(this.name, commit.host.name, detail);
    }
  }

  /**
   * What is left of an entry without room for more comes with the next, and so does a slot that the
   * entry touches otherwise: it may give up the second task of one, made as its node was drained.
   */
  #leftOut(scene: UpdateScene, begun: readonly Task[], commit: Commit): string | null {
    const isSmall = this.#world.buggify.isActive("small-entry");
    if (isSmall || commit.events.length > limits.changesPerEntry / 2) return null;
    const { service, tasks } = scene;
    const others = commit.tasks.map(({ previous, current }) => (current ?? previous) as Task);
    const places = new Set([...begun, ...scene.attempts, ...others].map(slotNameOf));
    const left = tasks.find((task) => {
      const serves = task.desiredState <= TaskState.RUNNING && !isTerminal(task.status.state);
      if (!serves || !scene.isWell(task) || places.has(slotNameOf(task))) return false;
      if (scene.inPlaceOf(task).length > 1) return false;
      return isOutdated(this.#world.history.view, service, task);
    });
    if (left === undefined) return null;
    return `${service.spec.name} updates all slots at once, but not that of ${left.name}`;
  }
}

function tooMany(scene: UpdateScene, begun: number, most: number): string | null {
  const busy = scene.inFlight + begun;
  if (busy <= most) return null;
  return `${scene.service.spec.name} has ${busy} slots in an update, at most ${most} are allowed`;
}

/** Between the end of one slot and the beginning of the next there is the delay. */
export class UpdateSpacing implements Checker {
  readonly name = "update-spacing";
  readonly source = "SwarmKit orchestrator/update: each worker waits for `delay` after a slot";
  checks = 0;
  readonly #history: History;

  constructor(history: History) {
    this.#history = history;
  }

  committed(commit: Commit): void {
    for (const [scene, begun] of begunIn(this.#history.view, commit)) {
      if (scene.config.parallelism === 0) continue;
      this.checks += 1;
      const { parallelism, delay } = scene.config;
      const resting = scene.resting(delay);
      if (scene.inFlight + resting + begun.length <= parallelism) continue;
      const { name } = scene.service.spec;
      const detail = `${name} begins a slot while ${resting} slots still wait for their delay`;
      throw new BrokenInvariant(this.name, commit.host.name, detail);
    }
  }
}
