import { stateName, type TaskState } from "../../core/model/task-state.ts";

const fieldsMost = 4;
const lengthMost = 48;
/** What changes with every change, or says in words what the others say. */
const unsaid = new Set(["meta", "appliedAt", "message"]);

/**
 * Which fields of a stored object are others, as `status.state STARTING > RUNNING`; of lists and
 * maps only that they are.
 */
export function differenceText(before: object, after: object): string {
  const all = [...differences("", before, after)];
  if (all.length === 0) return "nothing but its version";
  const more = all.length > fieldsMost ? `, and ${all.length - fieldsMost} more` : "";
  return `${all.slice(0, fieldsMost).join(", ")}${more}`;
}

function* differences(path: string, before: unknown, after: unknown): Generator<string> {
  if (before === after) return;
  if (!isRecord(before) || !isRecord(after)) {
    const [from, to] = [valueText(path, before), valueText(path, after)];
    if (from !== to) yield `${path} ${from} > ${to}`;
    return;
  }
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (unsaid.has(field)) continue;
    yield* differences(path === "" ? field : `${path}.${field}`, before[field], after[field]);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isMap(value);
}

function isMap(value: unknown): value is ReadonlyMap<unknown, unknown> {
  return value instanceof Map;
}

function valueText(path: string, value: unknown): string {
  if (typeof value === "number" && /state$/i.test(path)) return stateName(value as TaskState);
  if (value === undefined) return "none";
  const text = JSON.stringify(isMap(value) ? Object.fromEntries(value) : value) ?? String(value);
  return text.length > lengthMost ? `${text.slice(0, lengthMost - 3)}...` : text;
}
