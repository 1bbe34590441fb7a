import { unreachable } from "../../core/base/assert.ts";
import type { OwnRoot } from "../../core/control/ca.ts";
import type { ServiceSpec } from "../../core/model/service.ts";
import { outside, usersOwn } from "../ports/authorities.ts";
import type { Action, Fault, ServicePlan } from "../scenario/dsl.ts";
import { configured } from "../world/plan.ts";
import type { Operator } from "./operator.ts";
import { changed, specOf } from "./service-spec.ts";

/** What a user does; each step concerns one node, by name. */
export type UserAction = Exclude<Action, Fault>;

/** Has the operator see to it that this is done. */
export function command(operator: Operator, action: UserAction): void {
  switch (action.do) {
    case "create":
      return operator.want({ kind: "create", spec: specOf(action.service) });
    case "scale":
      return change(operator, action.service, { replicas: action.replicas });
    case "update":
      return change(operator, action.service, action.change);
    case "create-file":
      return operator.want({ ...action, kind: action.do, data: base64(action.data) });
    case "remove-file":
      return operator.want({ ...action, kind: action.do });
    case "create-network":
      return operator.want({ ...action, kind: action.do });
    case "remove-network":
    case "create-volume":
    case "remove-volume":
      return operator.want({ kind: action.do, name: action.name });
    case "volume-availability":
      return operator.want({ kind: action.do, name: action.name, to: action.availability });
    case "label-file": {
      const labels = new Map(Object.entries(action.labels));
      return operator.want({ kind: action.do, table: action.table, name: action.name, labels });
    }
    case "rotate-root":
      return operator.want({ kind: action.do, root: rootOf(action.to) });
    case "rotate-unlock-key":
      return operator.want({ kind: action.do });
    case "rotate-join-token":
      return operator.want({ kind: action.do, role: action.role });
    case "configure":
      return operator.want({
        kind: "configure",
        change: (spec) => configured(spec, action.change),
      });
    case "rollback":
      return operator.want({ kind: "rollback", service: action.service });
    case "rebalance":
      return operator.want({ kind: "rebalance", service: action.service });
    case "remove":
      return operator.want({ kind: "remove", service: action.service });
    case "remove-task": {
      const { service, slot, attempt } = action;
      return operator.want({ kind: "remove-task", service, place: slot, attempt });
    }
    case "remove-task-on": {
      const { service, nodes, attempt } = action;
      return operator.want({ kind: "remove-task", service, place: nodes, attempt });
    }
    case "availability":
      return operator.want({
        kind: "availability",
        node: action.nodes,
        to: action.availability,
      });
    case "label": {
      const labels = new Map(Object.entries(action.labels));
      return operator.want({ kind: "label", node: action.nodes, labels });
    }
    case "role":
      return operator.want({ kind: "role", node: action.nodes, to: action.role });
    case "remove-node":
      return operator.want({ kind: "remove-node", node: action.nodes, force: action.force });
    default:
      return unreachable(action);
  }
}

function change(operator: Operator, service: string, plan: Partial<ServicePlan>): void {
  const apply = (spec: ServiceSpec) => changed(spec, plan);
  operator.want({ kind: "change", service, change: apply });
}

/** Null: one that the leader makes. */
function rootOf(to: "outside" | "own" | undefined): OwnRoot | null {
  if (to === undefined) return null;
  return to === "own" ? usersOwn : outside;
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}
