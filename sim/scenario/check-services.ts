import { validateServiceSpec } from "../../core/control/validate.ts";
import type { ServiceSpec } from "../../core/model/service.ts";
import { changed, specOf } from "../users/service-spec.ts";
import type { Machine } from "../world/plan.ts";
import { misfit, misfitTogether } from "./check-fit.ts";
import { whereOf } from "./check-issues.ts";
import type { Follower, Moment } from "./check-moment.ts";
import { type ScenarioProblem, suggestion } from "./check-problem.ts";
import type { Action, Chaos, NamedService, ServicePlan } from "./dsl.ts";

/** A service that the scenario names, as it stands after the steps so far. */
export interface Known {
  /** Null when its plan has a mistake that was reported by itself. */
  readonly spec: ServiceSpec | null;
  /** When a step removed it, as the author wrote it; null while it exists. */
  readonly removedAt: string | null;
  /** A rollback may bring back an earlier spec, so that it is not certain how it ends. */
  readonly mayGoBack: boolean;
  /** It does not fit the cluster by itself, which was reported. */
  readonly isUnplaced: boolean;
}

/** Follows which services there are and what they ask for. */
export interface ServiceFollower extends Follower {
  /** The services that exist before the first step. */
  readonly first: readonly ScenarioProblem[];
  readonly known: ReadonlyMap<string, Known>;
}

/**
 * Objects to a name that does not exist at that time, and to tasks that can't all be placed. What
 * stands where something `isBroken` was reported already, and is not looked at again.
 */
export function followServices(
  plans: readonly NamedService[],
  machines: readonly Machine[],
  chaos: Chaos | undefined,
  isBroken: (where: string) => boolean,
): ServiceFollower {
  const services = new Services(machines, chaos, isBroken);
  return {
    first: services.begin(plans),
    known: services.known,
    follow: (action, moment) => services.follow(action, moment),
  };
}

class Services {
  readonly known = new Map<string, Known>();
  readonly #machines: readonly Machine[];
  readonly #chaos: Chaos | undefined;
  readonly #isBroken: (where: string) => boolean;

  constructor(
    machines: readonly Machine[],
    chaos: Chaos | undefined,
    isBroken: (where: string) => boolean,
  ) {
    this.#machines = machines;
    this.#chaos = chaos;
    this.#isBroken = isBroken;
  }

  begin(plans: readonly NamedService[]): ScenarioProblem[] {
    const each = plans.flatMap((plan, index) => {
      const where = whereOf("services", index, plan);
      if (this.known.has(plan.name)) return [taken(where)];
      return this.#put(where, plan.name, this.#spec(where, plan));
    });
    return each.length > 0 ? each : this.#together("services", null);
  }

  follow(action: Action, moment: Moment): ScenarioProblem[] {
    switch (action.do) {
      case "create":
        return this.#create(action.service, moment);
      case "scale":
        return this.#change(action.service, { replicas: action.replicas }, moment);
      case "update":
        return this.#change(action.service, action.change, moment);
      case "rollback":
        return this.#rollback(action.service, moment);
      case "rebalance":
      case "remove-task":
      case "remove-task-on":
        return this.#mention(action.service, moment);
      case "remove":
        return this.#remove(action.service, moment);
      default:
        return [];
    }
  }

  #rollback(name: string, moment: Moment): ScenarioProblem[] {
    const missing = this.#missing(name, moment);
    if (missing !== null) return [missing];
    const known = this.known.get(name);
    if (known !== undefined) this.known.set(name, { ...known, mayGoBack: true });
    return [];
  }

  #mention(name: string, moment: Moment): ScenarioProblem[] {
    const missing = this.#missing(name, moment);
    return missing === null ? [] : [missing];
  }

  #create(plan: NamedService, moment: Moment): ScenarioProblem[] {
    const existing = this.known.get(plan.name);
    if (existing?.removedAt === null && !this.#isUnsure(moment)) return [taken(moment.where)];
    const found = this.#put(moment.where, plan.name, this.#spec(moment.where, plan));
    return found.length > 0 ? found : this.#togetherAt(moment, plan.name);
  }

  #change(name: string, change: Partial<ServicePlan>, moment: Moment): ScenarioProblem[] {
    const missing = this.#missing(name, moment);
    if (missing !== null) return [missing];
    const spec = this.known.get(name)?.spec ?? null;
    const next = spec === null || this.#isBroken(moment.where) ? null : changed(spec, change);
    const found = this.#put(moment.where, name, next);
    return found.length > 0 ? found : this.#togetherAt(moment, name);
  }

  #spec(where: string, plan: NamedService): ServiceSpec | null {
    return this.#isBroken(where) ? null : specOf(plan);
  }

  #remove(name: string, moment: Moment): ScenarioProblem[] {
    const missing = this.#missing(name, moment);
    if (missing !== null) return [missing];
    const spec = this.known.get(name)?.spec ?? null;
    const mayGoBack = false;
    this.known.set(name, { spec, removedAt: moment.time, mayGoBack, isUnplaced: false });
    return [];
  }

  #missing(name: string, moment: Moment): ScenarioProblem | null {
    const { where } = moment;
    const known = this.known.get(name);
    if (known === undefined) {
      const help = suggestion(name, [...this.known.keys()], "service");
      return { where, reason: `there is no service "${name}" at that time`, help };
    }
    if (known.removedAt === null || this.#isUnsure(moment)) return null;
    const reason = `the service "${name}" was removed at ${known.removedAt}`;
    return { where, reason, help: "create it again before, or leave out this step" };
  }

  /** Keeps the service as it now is, and says why the cluster would not take it. */
  #put(where: string, name: string, spec: ServiceSpec | null): ScenarioProblem[] {
    const refusal = spec === null ? null : validateServiceSpec(spec);
    const kept = refusal === null ? spec : null;
    const unplaced = kept === null ? null : misfit(kept, this.#machines);
    const mayGoBack = this.known.has(name) && kept?.update.failureAction === "rollback";
    const isUnplaced = unplaced !== null;
    this.known.set(name, { spec: kept, removedAt: null, mayGoBack, isUnplaced });
    if (refusal !== null) {
      return [{ where, reason: refusal.message, help: "the cluster would refuse the service" }];
    }
    return unplaced === null ? [] : [{ where, ...unplaced }];
  }

  /** Users who come and go may have made room. */
  #togetherAt(moment: Moment, name: string): ScenarioProblem[] {
    return this.#isUnsure(moment) ? [] : this.#together(moment.where, name);
  }

  #together(where: string, name: string | null): ScenarioProblem[] {
    const specs = [...this.known.values()].flatMap(({ spec, removedAt, isUnplaced }) =>
      spec === null || removedAt !== null || isUnplaced ? [] : [spec],
    );
    const unplaced = misfitTogether(specs, this.#machines, name);
    return unplaced === null ? [] : [{ where, ...unplaced }];
  }

  #isUnsure({ inChaos }: Moment): boolean {
    return inChaos && this.#chaos?.commands !== undefined;
  }
}

function taken(where: string): ScenarioProblem {
  const reason = "a service of this name exists already";
  return { where, reason, help: "choose another name, or update the one that exists" };
}
