import type { Operation } from "../checkers/linearizability.ts";
import type { ServiceInput, ServiceOutput } from "../checkers/service-model.ts";
import type { SimTime } from "../kernel.ts";

/**
 * One line of a history, in Jepsen's sense. `ok` and `fail` are known to have taken effect or not;
 * `info` may have, or may yet. The process of an `info` asks nothing more.
 */
export interface ClientEvent {
  readonly process: number;
  readonly type: "invoke" | "ok" | "fail" | "info";
  readonly input: ServiceInput;
  /** What the client was told; null when it was told nothing. */
  readonly output: ServiceOutput | null;
  readonly time: SimTime;
}

/** Writes down what clients ask and what they are told. */
export class ClientHistory {
  readonly events: ClientEvent[] = [];
  readonly #clock: { readonly now: SimTime };

  constructor(clock: { readonly now: SimTime }) {
    this.#clock = clock;
  }

  invoked(who: number, input: ServiceInput): void {
    this.#note(who, "invoke", input, null);
  }

  /** A null output is one that the client has given up waiting for; of a read nothing remains. */
  ended(who: number, input: ServiceInput, output: ServiceOutput | null): void {
    const nothing = input.kind === "read" ? "fail" : "info";
    const told = output?.kind === "refused" ? "fail" : "ok";
    this.#note(who, output === null ? nothing : told, input, output);
  }

  /** The history as the checker takes it. */
  operations(): Operation<ServiceInput, ServiceOutput>[] {
    const ends = new Map<ServiceInput, ClientEvent>();
    for (const event of this.events) if (event.type !== "invoke") ends.set(event.input, event);
    const invocations = this.events.filter(({ type }) => type === "invoke");
    return invocations.map(({ process: who, input, time }) => {
      const end = ends.get(input);
      const output = end?.output ?? null;
      const returnedAt = output === null ? null : (end as ClientEvent).time;
      return { process: who, input, output, invokedAt: time, returnedAt };
    });
  }

  #note(
    who: number,
    type: ClientEvent["type"],
    input: ServiceInput,
    output: ServiceOutput | null,
  ): void {
    this.events.push({ process: who, type, input, output, time: this.#clock.now });
  }
}
