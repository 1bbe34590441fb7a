import { newId } from "../base/id.ts";
import type { Random } from "../base/random.ts";
import type { FileReference } from "../model/container-spec.ts";
import { unstored } from "../model/meta.ts";
import { invalidArgument, type Rejection } from "../model/rejection.ts";
import type { Config, FileSpec, Secret } from "../model/secret.ts";
import type { ServiceSpec } from "../model/service.ts";
import type { StoreView } from "../store/view.ts";
import type { Command } from "./command.ts";
import {
  creating,
  type Decided,
  inUse,
  nameTaken,
  notFound,
  outOfSequence,
  removing,
  updating,
} from "./decided.ts";

/** Secrets and configs differ in little but their size (SwarmKit `controlapi/secret.go`). */
type FileTable = "secret" | "config";

const namePattern = /^[a-zA-Z0-9](?:[-_.]*[a-zA-Z0-9])*$/;
const nameLengthMost = 64;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const bytesMost = { secret: 500 * 1024, config: 1000 * 1024 } as const;

export function createFile(
  view: StoreView,
  table: FileTable,
  spec: FileSpec,
  random: Random,
): Decided | Rejection {
  const problem = nameProblem(spec.name) ?? dataProblem(table, spec.data);
  if (problem !== null) return invalidArgument(problem);
  const taken = nameTaken(view, table, spec.name);
  if (taken !== null) return taken;
  const id = newId(random);
  return creating({ kind: table, id, meta: unstored, spec });
}

/**
 * Only the labels of a file change: whoever has it keeps what it was given. Data may be left out,
 * as whoever reads a secret is not told it.
 */
export function updateFile(
  view: StoreView,
  table: FileTable,
  { id, version, spec }: Command & { kind: "update-secret" | "update-config" },
): Decided | Rejection {
  const file = fileOf(view, table, id);
  if (file === undefined) return notFound(table, id);
  const { labels } = spec;
  const data = spec.data === "" ? file.spec.data : spec.data;
  const isSame = file.spec.name === spec.name && file.spec.data === data;
  if (!isSame) return invalidArgument("only updates to Labels are allowed");
  if (file.meta.version !== version) return outOfSequence();
  return updating({ ...file, spec: { ...file.spec, labels } });
}

/**
 * Refused while a service names the file. Ours: also while an update may still be rolled back to a
 * spec that does; SwarmKit lets it go, and the rollback then fails.
 */
export function removeFile(view: StoreView, table: FileTable, id: string): Decided | Rejection {
  const file = fileOf(view, table, id);
  if (file === undefined) return notFound(table, id);
  const used = inUse(view, `${table} '${file.spec.name}'`, (spec) =>
    referencesOf(spec, table).some((reference) => reference.id === id),
  );
  return used === null ? removing(file) : invalidArgument(used);
}

/** Why the files that a service names can't be given to its tasks, or null. */
export function fileReferenceProblem(view: StoreView, spec: ServiceSpec): Rejection | null {
  return missing(view, spec, "secret") ?? missing(view, spec, "config") ?? conflict(spec);
}

function missing(view: StoreView, spec: ServiceSpec, table: FileTable): Rejection | null {
  const isThere = ({ id, name }: FileReference) => fileOf(view, table, id)?.spec.name === name;
  const lost = referencesOf(spec, table).filter((reference) => !isThere(reference));
  if (lost.length === 0) return null;
  const names = lost.map(({ name, id }) => (name === "" ? id : name)).join(", ");
  const noun = lost.length === 1 ? table : `${table}s`;
  return invalidArgument(`${noun} not found: ${names}`);
}

function conflict(spec: ServiceSpec): Rejection | null {
  for (const table of ["secret", "config"] as const) {
    const byTarget = new Map<string, string>();
    for (const { name, target } of referencesOf(spec, table)) {
      const other = byTarget.get(target);
      byTarget.set(target, name);
      if (other === undefined) continue;
      const what = `${table} references '${other}' and '${name}' have a conflicting target`;
      return invalidArgument(`${what}: '${target}'`);
    }
  }
  return null;
}

function referencesOf({ task }: ServiceSpec, table: FileTable): readonly FileReference[] {
  return table === "secret" ? task.container.secrets : task.container.configs;
}

function fileOf(view: StoreView, table: FileTable, id: string): Secret | Config | undefined {
  return table === "secret" ? view.secrets.get(id) : view.configs.get(id);
}

function nameProblem(name: string): string | null {
  if (name === "") return "name must be provided";
  if (name.length <= nameLengthMost && namePattern.test(name)) return null;
  const ends = "and the start and end character must be [a-zA-Z0-9]";
  return `invalid name, only ${nameLengthMost} [a-zA-Z0-9-_.] characters allowed, ${ends}`;
}

function dataProblem(table: FileTable, data: string): string | null {
  if (!base64.test(data)) return `${table} data must be in base 64`;
  const padding = data.endsWith("==") ? 2 : data.endsWith("=") ? 1 : 0;
  const size = (data.length / 4) * 3 - padding;
  if (size > 0 && size < bytesMost[table]) return null;
  return `${table} data must be larger than 0 and less than ${bytesMost[table]} bytes`;
}
