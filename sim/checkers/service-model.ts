import type { RejectionCode } from "../../core/model/rejection.ts";
import type { SequentialModel } from "./linearizability.ts";

/** What a client asks of the service named `key`; `value` stands for all of its spec. */
export type ServiceInput =
  | { readonly kind: "create"; readonly key: string; readonly value: number }
  /** Of the service `id`, if it is still at `version`. */
  | {
      readonly kind: "update";
      readonly key: string;
      readonly id: string;
      readonly version: number;
      /** What its client had read at that version. */
      readonly from: number;
      readonly value: number;
    }
  | { readonly kind: "remove"; readonly key: string; readonly id: string }
  | { readonly kind: "read"; readonly key: string };

export type ServiceOutput =
  | { readonly kind: "done"; readonly id: string }
  | { readonly kind: "refused"; readonly code: RejectionCode }
  | { readonly kind: "found"; readonly service: SeenService }
  | { readonly kind: "absent" };

/** What a client can see of a service. */
export interface SeenService {
  readonly id: string;
  readonly version: number;
  readonly value: number;
}

/**
 * Id and version are null until someone has seen them: a client learns an id from the answer to
 * `create` or from a read, and a version from a read alone.
 */
interface Stored {
  readonly id: string | null;
  readonly version: number | null;
  readonly value: number;
}

export interface ServiceState {
  readonly stored: Stored | null;
  /** The highest version that was ever seen under this name: the next one is above it. */
  readonly seen: number;
}

/**
 * The control API as one service name knows it. Versions and ids are the store's to choose, so a
 * read that is the first to see them settles them. A command that names one which nobody can have
 * seen yet cannot mean it: its client read something older.
 */
export const serviceModel: SequentialModel<ServiceState, ServiceInput, ServiceOutput> = {
  key: (input) => input.key,
  initial: { stored: null, seen: 0 },
  step(state, input, output) {
    if (input.kind === "read") return output === null ? state : read(state, output);
    const decided = decide(state, input);
    if (output === null) return decided.after;
    if (decided.refusal !== null) {
      return output.kind === "refused" && output.code === decided.refusal ? state : undefined;
    }
    if (output.kind !== "done") return undefined;
    if (input.kind !== "create") return output.id === input.id ? decided.after : undefined;
    return { ...state, stored: { id: output.id, version: null, value: input.value } };
  },
  nameState({ stored, seen }) {
    if (stored === null) return seen === 0 ? "absent" : `absent, after version ${seen}`;
    const version = stored.version ?? `above ${seen}`;
    return `${stored.value} at version ${version}${stored.id === null ? "" : ` of ${stored.id}`}`;
  },
  describe(input, output) {
    return `${describeInput(input)} -> ${output === null ? "unknown" : describeOutput(output)}`;
  },
};

interface Decided {
  readonly refusal: RejectionCode | null;
  readonly after: ServiceState;
}

function decide(state: ServiceState, input: Exclude<ServiceInput, { kind: "read" }>): Decided {
  const { stored } = state;
  const refuse = (refusal: RejectionCode): Decided => ({ refusal, after: state });
  const become = (after: Stored | null): Decided => ({
    refusal: null,
    after: { ...state, stored: after },
  });
  if (input.kind === "create") {
    if (stored !== null) return refuse("AlreadyExists");
    return become({ id: null, version: null, value: input.value });
  }
  if (stored === null || stored.id !== input.id) return refuse("NotFound");
  if (input.kind === "remove") return become(null);
  if (stored.version !== input.version) return refuse("FailedPrecondition");
  return become({ ...stored, version: null, value: input.value });
}

function read({ stored, seen }: ServiceState, output: ServiceOutput): ServiceState | undefined {
  if (stored === null) return output.kind === "absent" ? { stored, seen } : undefined;
  if (output.kind !== "found") return undefined;
  const { service } = output;
  const isNext = stored.version === null ? service.version > seen : false;
  const fits =
    service.value === stored.value &&
    (stored.id ?? service.id) === service.id &&
    (isNext || service.version === stored.version);
  return fits ? { stored: service, seen: service.version } : undefined;
}

function describeInput(input: ServiceInput): string {
  switch (input.kind) {
    case "create":
      return `create as ${input.value}`;
    case "update":
      return `update version ${input.version} to ${input.value}`;
    case "remove":
      return `remove ${input.id}`;
    case "read":
      return "read";
  }
}

function describeOutput(output: ServiceOutput): string {
  if (output.kind === "refused") return output.code;
  if (output.kind !== "found") return output.kind;
  return `${output.service.value} at version ${output.service.version}`;
}
