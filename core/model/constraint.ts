import { noBug, type Planted } from "../base/planted.ts";
import { isWithin, parseAddress, parseSubnet } from "./ip-address.ts";
import type { Node } from "./node.ts";
import { invalidArgument, type Rejection } from "./rejection.ts";

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
  if (at < 0) return invalidArgument("constraint expected one operator from ==, !=");
  const key = text.slice(0, at).trim();
  const value = text.slice(at + operator.length).trim();
  if (!keyPattern.test(key)) return invalidArgument(`key '${key}' is invalid`);
  if (!valuePattern.test(value)) return invalidArgument(`value '${value}' is invalid`);
  return { key, operator, value };
}

/** True when the node meets every constraint. An unparsable one is met by no node. */
export function meetsConstraints(node: Node, constraints: readonly string[]): boolean {
  return constraints.length === 0 || constraintCheck(constraints)(node);
}

/** The same for many nodes: the expressions are parsed once. */
export function constraintCheck(
  constraints: readonly string[],
  planted: Planted = noBug,
): (node: Node) => boolean {
  const checks = constraints.map((text) => {
    const constraint = parseConstraint(text);
    if (!("key" in constraint)) return never;
    return checkOf(planted === "S15" ? { ...constraint, operator: "!=" } : constraint);
  });
  return (node) => checks.every((check) => check(node));
}

const never = (): boolean => false;

/** A missing label counts as empty, so that `!=` holds for it. Values compare without case. */
function checkOf({ key, operator, value }: Constraint): (node: Node) => boolean {
  if (key.toLowerCase() === "node.ip") return addressCheck(operator, value);
  const wanted = value.toLowerCase();
  return (node) => {
    const actual = attribute(node, key);
    if (actual === null) return false;
    return (actual.toLowerCase() === wanted) === (operator === "==");
  };
}

/** An address or a subnet; what is neither is met by no node. A node without address is in none. */
function addressCheck(operator: "==" | "!=", value: string): (node: Node) => boolean {
  const address = parseAddress(value);
  const subnet = address === null ? parseSubnet(value) : { address, prefix: 128 };
  if (subnet === null) return never;
  return ({ description }) => {
    const actual = parseAddress(description.address);
    const isIn = actual !== null && isWithin(subnet, actual);
    return isIn === (operator === "==");
  };
}

/** What a key names on the node; null for a key that names nothing. Label names keep their case. */
function attribute(node: Node, key: string): string | null {
  const lower = key.toLowerCase();
  if (isLabel(lower)) return labelOf(node, key) ?? "";
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

const nodeLabels = "node.labels.";
const engineLabels = "engine.labels.";

/** What `node.labels.NAME` or `engine.labels.NAME` says of the node; undefined: nothing. */
export function labelOf(node: Node, key: string): string | undefined {
  if (key.toLowerCase().startsWith(nodeLabels))
    return node.spec.labels.get(key.slice(nodeLabels.length));
  return node.description.engineLabels.get(key.slice(engineLabels.length));
}

/** Whether a key in lower case names a label of a node or of its engine. */
export function isLabel(lower: string): boolean {
  return [nodeLabels, engineLabels].some(
    (prefix) => lower.startsWith(prefix) && lower.length > prefix.length,
  );
}
