// biome-ignore lint/suspicious/noExplicitAny: JSON of any form.
type Json = any;

/** A place in what was answered or is shown, and what stands there on each side. */
export interface Difference {
  /** `answer.body.message`, `state.services.web.Spec.Mode`. */
  readonly path: string;
  readonly swarm: Json;
  readonly ours: Json;
}

/** All places where the two differ, apart from what each side chooses for itself. */
export function differences(swarm: Json, ours: Json, path: string): Difference[] {
  return between(comparable(swarm), comparable(ours), path);
}

function between(a: Json, b: Json, path: string): Difference[] {
  if (isTree(a) && isTree(b) && Array.isArray(a) === Array.isArray(b)) {
    const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return names.flatMap((name) => between(a[name], b[name], `${path}.${name}`));
  }
  return a === b ? [] : [{ path, swarm: a, ours: b }];
}

/** Moments, versions and what belongs to a node's own engine. */
const own = new Set([
  ...["CreatedAt", "UpdatedAt", "Timestamp", "LastExecution", "StartedAt", "CompletedAt"],
  ...["Created", "Version", "JobIteration", "ContainerID", "PID", "TLSInfo", "JoinTokens"],
  ...["NetworksAttachments", "VirtualIPs", "time", "timeNano"],
]);

/** Labels that our containers have besides Swarm's. */
const ofOurs = /^simswarm\./;

/** The value without what is drawn at random, or has its own rules. */
export function comparable(value: Json): Json {
  if (typeof value === "string") return value.replaceAll(/\b(?=[a-z]*\d)[0-9a-z]{25}\b/g, "ID");
  if (Array.isArray(value)) return value.map(comparable);
  if (!isTree(value)) return value;
  const entries = Object.entries(value).filter(([name]) => !own.has(name) && !ofOurs.test(name));
  return Object.fromEntries(entries.map(([name, part]) => [name, comparable(part)]));
}

function isTree(value: Json): boolean {
  return typeof value === "object" && value !== null;
}
