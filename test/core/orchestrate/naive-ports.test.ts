import fc from "fast-check";
import { expect, test } from "vitest";
import { found } from "../../../core/base/gather.ts";
import type { Command } from "../../../core/control/command.ts";
import type { PortConfig } from "../../../core/model/endpoint.ts";
import { allocatePorts } from "../../../core/orchestrate/allocator.ts";
import type { Store } from "../../../core/store/store.ts";
import { outcome } from "../../support/control.ts";
import { port, service, spec } from "../../support/model.ts";
import { commit, context, storeOf } from "../../support/store.ts";
import { NaivePorts } from "./naive-ports.ts";

// Goal: who gets which published port, and who is refused in which words, is what a list says.
// Method: random commands, where few numbers are left to choose from, through control, the
// allocator and the store, several services in one entry too.

/** Of tcp, the cluster has these three to choose from. */
const left = 3;
const crowd = Array.from({ length: 2768 - left }, (_, at) =>
  port({ targetPort: at + 1, publishedPort: 30_000 + left + at }),
);

const wanted: fc.Arbitrary<PortConfig[]> = fc.array(
  fc.record({
    name: fc.constantFrom("", "", "main"),
    protocol: fc.constantFrom("tcp", "tcp", "tcp", "udp"),
    targetPort: fc.constantFrom(80, 81),
    publishedPort: fc.constantFrom(0, 0, 0, 90, 91, 30_000, 30_001),
    publishMode: fc.constantFrom("ingress", "ingress", "host"),
  }),
  { maxLength: 4 },
);

interface Step {
  readonly what: "publish" | "remove";
  readonly name: string;
  readonly ports: PortConfig[];
  /** All services get their ports in one entry: none knows what the others get. */
  readonly isTogether: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom("publish", "publish", "publish", "remove"),
  name: fc.constantFrom("web", "api", "db"),
  ports: wanted,
  isTogether: fc.boolean(),
});

class Rig {
  readonly #store: Store = storeOf({ ...service("crowd", { ports: crowd }), ports: crowd });
  readonly #naive = new NaivePorts();
  #sequence = 0;

  constructor() {
    this.#naive.publish("crowd", "crowd", crowd);
    this.#naive.allocate(["crowd"]);
  }

  take({ what, name, ports, isTogether }: Step): void {
    const id = this.#store.named("service", name)?.id;
    if (what === "publish") this.#publish(id, name, ports);
    else if (id !== undefined) {
      expect(this.#ask({ kind: "remove-service", id })).toBe("done");
      this.#naive.remove(id);
    }
    const ids = this.#naive.publishers.map((each) => each.id).filter((each) => each !== "crowd");
    if (isTogether) this.#allocate(ids);
    for (const each of ids) this.#allocate([each]);
  }

  #publish(id: string | undefined, name: string, ports: PortConfig[]): void {
    const problems = this.#naive.problems(id ?? "", ports);
    const asked = spec(name, { ports });
    const version = this.#store.services.get(id ?? "")?.meta.version ?? 0;
    const told = this.#ask(
      id === undefined
        ? { kind: "create-service", spec: asked }
        : { kind: "update-service", id, version, spec: asked },
    );
    const answers = problems.map((problem) => `InvalidArgument: ${problem}`);
    expect(answers.length === 0 ? ["done"] : answers).toContain(told);
    if (answers.length > 0) return;
    this.#naive.publish(this.#store.named("service", name)?.id as string, name, ports);
  }

  #ask(command: Command): string {
    this.#sequence += 1;
    return outcome(this.#store, command, this.#sequence);
  }

  #allocate(ids: readonly string[]): void {
    const planned = found(ids, (id) => allocatePorts(context(this.#store), id));
    commit(this.#store, planned.flat());
    this.#naive.allocate(ids);
    for (const { id, has } of this.#naive.publishers) {
      const ports = this.#store.services.get(id)?.ports;
      if (ports !== has) expect(ports).toEqual(has);
    }
  }
}

test("published ports are given, kept, freed and refused as a plain list does it", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 14 }), (steps) => {
      const rig = new Rig();
      for (const each of steps) rig.take(each);
    }),
    { numRuns: 25 },
  );
});
