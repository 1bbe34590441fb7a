import { type Command, InvalidArgumentError } from "commander";
import type { StoreObject, Table } from "../../../core/model/change.ts";
import type { Task } from "../../../core/model/task.ts";
import { stateName } from "../../../core/model/task-state.ts";
import type { TemplateValue } from "../../../core/model/template-value.ts";
import type { Readable } from "../../wire/readable.ts";
import type { WatchEvent } from "../../wire/services.ts";
import { oneLine } from "../output.ts";
import { readableObject } from "../readable-object.ts";
import type { Run } from "../run.ts";
import type { Session } from "../session.ts";

const tables = [
  "cluster",
  "config",
  "network",
  "node",
  "secret",
  "service",
  "task",
  "volume",
] as const;

export function eventCommands(program: Command, run: Run): void {
  program
    .command("events")
    .description("what changes in the cluster, as it happens; with --format json a line each")
    .option("--type <type>", `${tables.join(", ")}; may be repeated`, tableOf)
    .action(run(events));
}

function tableOf(text: string, before: readonly Table[] = []): readonly Table[] {
  const found = tables.find((each) => each === text);
  if (found !== undefined) return [...before, found];
  throw new InvalidArgumentError(`There are: ${tables.join(", ")}.`);
}

function events(session: Session, { type = [] }: { readonly type?: readonly Table[] }) {
  return new Promise<void>((resolve, reject) => {
    const stop = session.client.watch(
      { tables: type },
      (event) =>
        session.item(
          lineOf(event),
          () => contentOf(event),
          "out",
          () => fieldsOf(event),
        ),
      (error) => (error === null ? resolve() : reject(error)),
    );
    process.once("SIGINT", stop);
  });
}

/** As `docker events` has it. */
function fieldsOf(event: WatchEvent): TemplateValue {
  const { kind, id, meta } = objectOf(event);
  const { updatedAt } = meta;
  const name = nameOf(objectOf(event));
  const time = Math.floor(updatedAt / 1_000_000);
  const actor = { ID: id, Attributes: new Map([["name", name]]) };
  return { Type: kind, Action: verbOf(event), Actor: actor, Scope: "swarm", Time: time };
}

function objectOf({ previous, current }: WatchEvent): StoreObject {
  return (current ?? previous) as StoreObject;
}

function verbOf({ previous, current }: WatchEvent): "create" | "remove" | "update" {
  return previous === null ? "create" : current === null ? "remove" : "update";
}

export function lineOf(event: WatchEvent): string {
  const { index } = event;
  const object = objectOf(event);
  const verb = verbOf(event);
  const at = new Date(object.meta.updatedAt / 1000).toISOString();
  return `${at}  ${index}  ${object.kind} ${verb} ${object.id}  ${oneLine(detailOf(object))}`;
}

/** Both objects whole: what was, and what is. */
function contentOf({ index, previous, current }: WatchEvent): Readable {
  const whole = (object: StoreObject | null) => (object === null ? null : readableObject(object));
  return { index, previous: whole(previous), current: whole(current) };
}

function detailOf(object: StoreObject): string {
  switch (object.kind) {
    case "task":
      return `${object.name} ${statesOf(object)}`;
    case "node":
      return `${object.description.hostname} ${object.status.state} ${object.spec.availability}`;
    case "service":
      return `${object.spec.name} ${object.updateStatus?.state ?? ""}`.trim();
    default:
      return nameOf(object);
  }
}

function nameOf(object: StoreObject): string {
  switch (object.kind) {
    case "cluster":
      return "default";
    case "task":
      return object.name;
    case "node":
      return object.description.hostname;
    default:
      return object.spec.name;
  }
}

function statesOf({ status, desiredState }: Task): string {
  return `${stateName(status.state)} of ${stateName(desiredState)}`;
}
