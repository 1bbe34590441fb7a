import type { Node } from "./node.ts";
import { type Rejection, rejection } from "./rejection.ts";

/** A placement constraint, parsed. All of a service's must hold (SwarmKit `manager/constraint`). */
export interface Constraint {
  readonly key: string;
  readonly operator: "==" | "!=";
  readonly value: string;
}

const keyPattern = /^[a-z_][a-z0-9\-_.]+$/i;
const valuePattern = /^[a-z0-9:\-_\s.*()?+[\]\\^$|/]+$/i;

/** Parses `key==value` or `key!=value`; the refusals are in SwarmKit's words. */
export function parseConstraint(text: string): Constraint | Rejection {
  const operator = text.includes("==") ? "==" : "!=";
  const at = text.indexOf(operator);
  if (at < 0) return invalid("constraint expected one operator from ==, !=");
  const key = text.slice(0, at).trim();
  const value = text.slice(at + operator.length).trim();
  if (!keyPattern.test(key)) return invalid(`key '${key}' is invalid`);
  if (!valuePattern.test(value)) return invalid(`value '${value}' is invalid`);
  return { key, operator, value };
}

/** True when the node meets every constraint. An unparsable one is met by no node. */
export function meetsConstraints(node: Node, constraints: readonly string[]): boolean {
  return constraints.every((text) => {
    const constraint = parseConstraint(text);
    return "key" in constraint && meets(node, constraint);
  });
}

/** A missing label counts as empty, so that `!=` holds for it. Values compare without case. */
function meets(node: Node, constraint: Constraint): boolean {
  const actual = attribute(node, constraint.key);
  if (actual === null) return false;
  const equal = actual.toLowerCase() === constraint.value.toLowerCase();
  return constraint.operator === "==" ? equal : !equal;
}

/** What a key names on the node; null for a key that names nothing. Label names keep their case. */
function attribute(node: Node, key: string): string | null {
  const lower = key.toLowerCase();
  if (lower.startsWith("node.labels.")) {
    return node.spec.labels.get(key.slice("node.labels.".length)) ?? "";
  }
  if (lower.startsWith("engine.labels.")) {
    return node.description.engineLabels.get(key.slice("engine.labels.".length)) ?? "";
  }
  switch (lower) {
    case "node.id":
      return node.id;
    case "node.hostname":
      return node.description.hostname;
    case "node.role":
      return node.role;
    case "node.platform.os":
      return node.description.platform.os;
    case "node.platform.arch":
      return node.description.platform.architecture;
    default:
      return null;
  }
}

function invalid(message: string): Rejection {
  return rejection("InvalidArgument", message);
}
