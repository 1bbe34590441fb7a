import { isDeepStrictEqual } from "node:util";
import { comparable } from "./compare.ts";
import type { Answer } from "./side.ts";
import { arranged, isWanted } from "./state.ts";

// biome-ignore lint/suspicious/noExplicitAny: JSON of any form.
type Json = any;

/** The service whose tasks differ at the path; null: it is about something else. */
export function serviceOf(path: string): string | null {
  return /^state\.tasks\.(\w+)\b/.exec(path)?.[1] ?? null;
}

export function hasFailed({ Status }: Json): boolean {
  return ["failed", "rejected"].includes(Status.State);
}

/** A spec without what says nothing; the usual mode of an endpoint does not either. */
export function said(value: Json): Json {
  if (Array.isArray(value)) return value.map(said);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, part]) => [name, said(part)] as const);
  return Object.fromEntries(entries.filter(([, part]) => !saysNothing(part) && !isOnlyMode(part)));
}

export function isDrained(state: Json): boolean {
  return Object.values<Json>(state.nodes ?? {}).some(({ Spec }) => Spec.Availability === "drain");
}

/** True when the service has, or had, a task on a node of which that is wanted now. */
export function isOn(availability: "drain" | "pause", state: Json, service: string): boolean {
  const nodes = Object.values<Json>(state.nodes ?? {})
    .filter(({ Spec }) => Spec.Availability === availability)
    .map(({ ID }) => ID);
  return tasksOf(state, service).some(({ NodeID }) => nodes.includes(NodeID));
}

/** What a service's tasks are that are to go on, and how they are; not where, nor since when. */
function goingOn(state: Json, service: string): Json[] {
  const wanted = tasksOf(state, service).filter(isWanted);
  return arranged(
    wanted.map(({ DesiredState, Status, Spec: { RestartPolicy, Placement, ...spec } }) => {
      return said(comparable({ DesiredState, State: Status.State, spec }));
    }),
  );
}

export function tasksOf(state: Json, service: string): Json[] {
  return (state.tasks?.[service] ?? []).flat();
}

/** What is shown at a difference's path. */
export function at(path: string, shown: Json): Json {
  return path.split(".").reduce((found, name) => found[name], shown);
}

/** Also of what differs from nothing in nothing. */
export function saysNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === 0 || value === false) {
    return true;
  }
  return typeof value === "object" && Object.values(value).every(saysNothing);
}

export function isOnlyMode(value: unknown): boolean {
  return JSON.stringify(value) === '{"Mode":"vip"}';
}

export function isLine(path: string): boolean {
  return path.startsWith("answer.body.out.");
}

export function isMessage(path: string): boolean {
  return path === "answer.body.message" || path.startsWith("answer.body.err.");
}

/** What a refusal says: the API by itself, or the CLI. */
export function messageOf({ body }: Answer): string {
  return body?.message ?? Object.keys(body?.err ?? {}).join("\n");
}

/** True when the service whose tasks differ at the path goes on with the same on both sides. */
export function goesOnAlike(
  path: string,
  { state, ourState }: { readonly state: Json; readonly ourState: Json },
): boolean {
  const name = serviceOf(path) ?? "";
  return isDeepStrictEqual(goingOn(state, name), goingOn(ourState, name));
}

/** What an update of it would bring to tasks. */
export function ofTasks(spec: Json): Json {
  return comparable([spec?.TaskTemplate, spec?.EndpointSpec]);
}
