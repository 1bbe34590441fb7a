import { validateServiceSpec } from "../../core/control/validate.ts";
import type { ServiceSpec } from "../../core/model/service.ts";
import { changed, specOf } from "../users/service-spec.ts";
import type { PlannedMachine } from "../world/plan.ts";
import { misfit, misfitTogether } from "./check-fit.ts";
import { whereOf } from "./check-issues.ts";
import { type Complaint, problemsAt, type ScenarioProblem, suggestion } from "./check-problem.ts";
import type { Action, Chaos, NamedService, ServicePlan } from "./dsl.ts";
import type { Follower, StepMoment } from "./step-moment.ts";

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

/**
 * Follows which services there are and what they ask for. Objects to a name that does not exist at
 * that time, and to tasks that can't all be placed. What stands where something `isBroken` was
 * reported already, and is not looked at again.
 */
export class Services implements Follower {
  readonly known = new Map<string, Known>();
  readonly #machines: readonly PlannedMachine[];
  readonly #chaos: Chaos | undefined;
  readonly #isBroken: (where: string) => boolean;

  constructor(
    machines: readonly PlannedMachine[],
    chaos: Chaos | undefined,
    isBroken: (where: string) => boolean,
  ) {
    this.#machines = machines;
    this.#chaos = chaos;
    this.#isBroken = isBroken;
  }

  /** The services that exist before the first step. */
  begin(plans: readonly NamedService[]): ScenarioProblem[] {
    const each = plans.flatMap((plan, index) => {
      const where = whereOf("services", index, plan);
      const isKnown = this.known.has(plan.name);
      return problemsAt(where, isKnown ? [taken] : this.#put(plan.name, this.#spec(where, plan)));
    });
    return each.length > 0 ? each : problemsAt("services", this.#together(null));
  }

  follow(action: Action, moment: StepMoment): Complaint[] {
    switch (action.do) {
      case "create":
        return this.#create(action.service, moment);
      case "scale":
        return this.#change(action.service, { replicas: action.replicas }, moment);
      case "update":
        return this.#change(action.service, action.change, moment);
      case "rollback":
        return (
          this.#missing(action.service, moment) ?? this.#note(action.service, { mayGoBack: true })
        );
      case "rebalance":
      case "remove-task":
      case "remove-task-on":
        return this.#missing(action.service, moment) ?? [];
      case "remove":
        return this.#missing(action.service, moment) ?? this.#remove(action.service, moment);
      default:
        return [];
    }
  }

  #create(plan: NamedService, moment: StepMoment): Complaint[] {
    const existing = this.known.get(plan.name);
    if (existing?.removedAt === null && !this.#isUnsure(moment)) return [taken];
    const found = this.#put(plan.name, this.#spec(moment.where, plan));
    return found.length > 0 ? found : this.#togetherAt(moment, plan.name);
  }

  #change(name: string, change: Partial<ServicePlan>, moment: StepMoment): Complaint[] {
    const missing = this.#missing(name, moment);
    if (missing !== null) return missing;
    const spec = this.known.get(name)?.spec ?? null;
    const next = spec === null || this.#isBroken(moment.where) ? null : changed(spec, change);
    const found = this.#put(name, next);
    return found.length > 0 ? found : this.#togetherAt(moment, name);
  }

  #spec(where: string, plan: NamedService): ServiceSpec | null {
    return this.#isBroken(where) ? null : specOf(plan);
  }

  #remove(name: string, { time: removedAt }: StepMoment): Complaint[] {
    return this.#note(name, { removedAt, mayGoBack: false, isUnplaced: false });
  }

  #note(name: string, change: Partial<Known>): Complaint[] {
    const known = this.known.get(name);
    if (known !== undefined) this.known.set(name, { ...known, ...change });
    return [];
  }

  /** Null: it is there. */
  #missing(name: string, moment: StepMoment): Complaint[] | null {
    const known = this.known.get(name);
    if (known === undefined) {
      const help = suggestion(name, [...this.known.keys()], "service");
      return [{ reason: `there is no service "${name}" at that time`, help }];
    }
    if (known.removedAt === null || this.#isUnsure(moment)) return null;
    const reason = `the service "${name}" was removed at ${known.removedAt}`;
    return [{ reason, help: "create it again before, or leave out this step" }];
  }

  /** Keeps the service as it now is, and says why the cluster would not take it. */
  #put(name: string, spec: ServiceSpec | null): Complaint[] {
    const refusal = spec === null ? null : validateServiceSpec(spec);
    const kept = refusal === null ? spec : null;
    const unplaced = kept === null ? null : misfit(kept, this.#machines);
    const mayGoBack = this.known.has(name) && kept?.update.failureAction === "rollback";
    const isUnplaced = unplaced !== null;
    this.known.set(name, { spec: kept, removedAt: null, mayGoBack, isUnplaced });
    if (refusal !== null) {
      return [{ reason: refusal.message, help: "the cluster would refuse the service" }];
    }
    return unplaced === null ? [] : [unplaced];
  }

  /** Users who come and go may have made room. */
  #togetherAt(moment: StepMoment, name: string): Complaint[] {
    return this.#isUnsure(moment) ? [] : this.#together(name);
  }

  #together(name: string | null): Complaint[] {
    const specs = [...this.known.values()].flatMap(({ spec, removedAt, isUnplaced }) =>
      spec === null || removedAt !== null || isUnplaced ? [] : [spec],
    );
    const unplaced = misfitTogether(specs, this.#machines, name);
    return unplaced === null ? [] : [unplaced];
  }

  #isUnsure({ inChaos }: StepMoment): boolean {
    return inChaos && this.#chaos?.commands !== undefined;
  }
}

const taken: Complaint = {
  reason: "a service of this name exists already",
  help: "choose another name, or update the one that exists",
};
