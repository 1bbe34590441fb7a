import type { ServiceInput, ServiceOutput } from "../checkers/service-model.ts";
import type { ClientEvent } from "./client-history.ts";

/**
 * A history as Jepsen stores it: one EDN map a line, with times in nanoseconds. Services appear as
 * registers, so that Knossos and Porcupine can check them: a value is `[key value]`, nil is a
 * service that does not exist. A creation is a compare-and-set from nil, an update one from the
 * value that its client had read, a removal a write of nil. A register can't tell two services of
 * one name and one value apart, so this says less than the history itself, and never more.
 */
export function jepsenHistory(events: readonly ClientEvent[]): string {
  return events.map((event, index) => `${line(event, index)}\n`).join("");
}

function line({ process: who, type, input, output, time }: ClientEvent, index: number): string {
  const value = `["${input.key}" ${payload(input, output)}]`;
  const error = errorOf(type, output);
  const fields = [
    `:process ${who}`,
    `:type :${type}`,
    `:f :${functionOf(input)}`,
    `:value ${value}`,
    ...(error === null ? [] : [`:error :${error}`]),
    `:time ${time * 1_000}`,
    `:index ${index}`,
  ];
  return `{${fields.join(", ")}}`;
}

function functionOf(input: ServiceInput): "read" | "write" | "cas" {
  if (input.kind === "read") return "read";
  return input.kind === "remove" ? "write" : "cas";
}

function payload(input: ServiceInput, output: ServiceOutput | null): string {
  switch (input.kind) {
    case "read":
      return output?.kind === "found" ? String(output.service.value) : "nil";
    case "create":
      return `[nil ${input.value}]`;
    case "update":
      return `[${input.from} ${input.value}]`;
    case "remove":
      return "nil";
  }
}

function errorOf(type: ClientEvent["type"], output: ServiceOutput | null): string | null {
  if (output?.kind === "refused") return kebab(output.code);
  return type === "info" || type === "fail" ? "timeout" : null;
}

/** `AlreadyExists` becomes `already-exists`. */
function kebab(code: string): string {
  return code.replace(/(?<=.)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}
