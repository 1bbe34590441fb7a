import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import { changedTask } from "../../../core/model/changed.ts";
import { ipv4Text, parseIpv4 } from "../../../core/model/ipv4.ts";
import type { Network } from "../../../core/model/network.ts";
import { holdsAddresses } from "../../../core/model/overlay.ts";
import type { Task } from "../../../core/model/task.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { Addresses } from "../../../core/orchestrate/addresses.ts";
import { allocate } from "../../../core/orchestrate/allocator.ts";
import type { Store } from "../../../core/store/store.ts";
import { task } from "../../support/model.ts";
import { attachedTo, overlayNetwork } from "../../support/overlays.ts";
import { commit, context, create, remove, storeOf, transact, update } from "../../support/store.ts";

// Goal: each task in an overlay has an address of its own for as long as its container may run, and
// none is lost, whatever comes in what order and however often the leader changes.
// Method: examples; and random lives of tasks against the set of those that hold an address.

const back = overlayNetwork("back");
const small = overlayNetwork("small", { subnet: "10.5.0.0/29", gateway: "10.5.0.1" });

/** A store and its leader's addresses, which follow it. */
class Office {
  readonly store: Store;
  addresses: Addresses;

  constructor(...networks: Network[]) {
    this.store = storeOf(...networks);
    this.addresses = new Addresses(this.store, noBug);
  }

  /** Another leader begins with what is stored. */
  failOver(): void {
    this.addresses = new Addresses(this.store, noBug);
  }

  add(id: string, ...networks: Network[]): void {
    this.#commit(create(attachedTo(task(id, { state: "NEW", node: null }), ...networks)));
  }

  /** One turn in which all of these are looked at; what it decides is committed, or lost. */
  allocate(ids: readonly string[], isLost = false): void {
    this.addresses.begin();
    const plan = context(this.store);
    const decided = ids.flatMap((id) => allocate(plan, this.addresses, id, new Set()));
    if (!isLost) this.addresses.note(commit(this.store, decided).events);
  }

  change(id: string, change: Partial<Task>): void {
    const known = this.store.tasks.get(id);
    if (known !== undefined) this.#commit(update(changedTask(known, change)));
  }

  end(id: string, state: TaskState): void {
    const known = this.store.tasks.get(id);
    if (known !== undefined) this.change(id, { status: { ...known.status, state } });
  }

  forget(id: string): void {
    const known = this.store.tasks.get(id);
    if (known !== undefined) this.#commit(remove(known));
  }

  address(id: string, at = 0): string | undefined {
    return this.store.tasks.get(id)?.networks[at]?.address;
  }

  #commit(change: Parameters<typeof transact>[0]): void {
    this.addresses.note(commit(this.store, [transact(change)]).events);
  }
}

const usable = ["10.5.0.2", "10.5.0.3", "10.5.0.4", "10.5.0.5", "10.5.0.6"];

describe("a new task", () => {
  test("gets an address in each overlay, and none of a bridge", () => {
    const bridge = { ...overlayNetwork("bridge"), overlay: null };
    const office = new Office(back, small, bridge);
    office.add("a", back, bridge, small);
    office.allocate(["a"]);
    expect([0, 1, 2].map((at) => office.address("a", at))).toEqual(["10.0.1.2", "", "10.5.0.2"]);
  });

  test("gets one of the range that the user has set aside, and not the gateway's", () => {
    const range = { subnet: "10.5.0.0/29", range: "10.5.0.4/30", gateway: "10.5.0.5" };
    const spec = { ...small.spec, subnets: [range] };
    const overlay = { vni: 4097, subnet: "10.5.0.0/29", gateway: "10.5.0.5", port: 4789 };
    const office = new Office({ ...small, spec, overlay });
    for (const id of ["a", "b", "c"]) office.add(id, small);
    office.allocate(["a", "b", "c"]);
    expect(["a", "b"].map((id) => office.address(id))).toEqual(["10.5.0.4", "10.5.0.6"]);
    expect(office.store.tasks.get("c")?.status.state).toBe(TaskState.NEW);
  });

  test("waits and says so while there is none, and gets the first that is free", () => {
    const office = new Office(small);
    const ids = ["a", "b", "c", "d", "e", "f"];
    for (const id of ids) office.add(id, small);
    office.allocate(ids);
    expect(ids.slice(0, 5).map((id) => office.address(id))).toEqual(usable);
    const { status } = office.store.tasks.get("f") as Task;
    expect(status.state).toBe(TaskState.NEW);
    expect(status.err).toBe(
      "no available IPv4 addresses on this network's address pools: small (small)",
    );
    expect(office.addresses.takeHopeful()).toEqual([]);
    office.end("c", TaskState.FAILED);
    expect(office.addresses.takeHopeful()).toEqual(["f"]);
    office.allocate(["f"]);
    expect(office.address("f")).toBe("10.5.0.4");
    expect(office.store.tasks.get("f")?.status.err).toBe("");
  });

  test("that waits for an address of one network keeps none of another from others", () => {
    const few = overlayNetwork("few", { subnet: "10.6.0.0/30", gateway: "10.6.0.1" });
    const office = new Office(small, few);
    office.add("first", few);
    office.allocate(["first"]);
    for (const id of ["a", "b", "c", "d"]) office.add(id, small);
    office.allocate(["a", "b", "c", "d"]);
    office.add("both", small, few);
    office.add("last", small);
    office.allocate(["both", "last"]);
    expect(office.address("last")).toBe("10.5.0.6");
    expect(office.store.tasks.get("both")?.status.state).toBe(TaskState.NEW);
  });

  test("says only once what it waits for", () => {
    const office = new Office(small);
    for (const id of ["a", "b", "c", "d", "e", "f"]) office.add(id, small);
    office.allocate(["a", "b", "c", "d", "e", "f"]);
    expect(allocate(context(office.store), office.addresses, "f", new Set())).toEqual([]);
  });
});

describe("an address", () => {
  test("stays with a task that is to stop until it has", () => {
    const office = new Office(small);
    for (const id of ["a", "b", "c", "d", "e"]) office.add(id, small);
    office.allocate(["a", "b", "c", "d", "e"]);
    office.change("a", { desiredState: TaskState.REMOVE });
    office.add("f", small);
    office.allocate(["f"]);
    expect(office.address("f")).toBeUndefined();
    office.end("a", TaskState.SHUTDOWN);
    office.allocate(["f"]);
    expect(office.address("f")).toBe("10.5.0.2");
  });

  test("rests until all others were given", () => {
    const office = new Office(small);
    for (const id of ["a", "b"]) office.add(id, small);
    office.allocate(["a", "b"]);
    office.end("a", TaskState.FAILED);
    office.failOver();
    for (const id of ["c", "d"]) {
      office.add(id, small);
      office.allocate([id]);
      office.end(id, TaskState.FAILED);
    }
    expect([office.address("c"), office.address("d")]).toEqual(["10.5.0.4", "10.5.0.5"]);
  });

  test("that was promised in an entry that came to nothing is free again", () => {
    const office = new Office(small);
    office.add("a", small);
    for (let lost = 0; lost < 20; lost += 1) office.allocate(["a"], true);
    office.allocate(["a"]);
    expect(usable).toContain(office.address("a"));
  });
});

test("a thousand tasks get theirs in one turn, in a time that follows their number", () => {
  const wide = overlayNetwork("wide", { subnet: "10.8.0.0/16", gateway: "10.8.0.1" });
  const office = new Office(wide);
  const ids = Array.from({ length: 1000 }, (_, at) => `t${at}`);
  for (const id of ids) office.add(id, wide);
  office.allocate(ids);
  const given = new Set(ids.map((id) => office.address(id)));
  expect(given.size).toBe(1000);
  expect(given).toContain(ipv4Text((parseIpv4("10.8.0.0") ?? 0) + 1001));
});

const ids = Array.from({ length: 9 }, (_, at) => `t${at}`);
const id = fc.constantFrom(...ids);
const event = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("add" as const), id }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("allocate" as const), lost: fc.boolean() }) },
  fc.record({ do: fc.constant("stop" as const), id }),
  fc.record({ do: fc.constant("end" as const), id, state: fc.constantFrom(640, 704, 832) }),
  fc.record({ do: fc.constant("forget" as const), id }),
  fc.record({ do: fc.constant("fail-over" as const) }),
);

test("no two tasks ever hold the same address, and none is lost", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const office = new Office(small);
      for (const each of events) {
        happen(office, each);
        const held = holders(office.store);
        expect(new Set(held).size).toBe(held.length);
      }
      for (const each of ids) office.add(each, small);
      office.allocate(ids);
      expect(new Set(holders(office.store))).toEqual(new Set(usable));
    }),
    { numRuns: 300 },
  );
});

function happen(office: Office, what: typeof event extends fc.Arbitrary<infer E> ? E : never) {
  switch (what.do) {
    case "add":
      return office.add(what.id, small);
    case "allocate":
      return office.allocate(ids, what.lost);
    case "stop":
      return office.change(what.id, { desiredState: TaskState.SHUTDOWN });
    case "end":
      return endAfterStart(office, what.id, what.state as TaskState);
    case "forget":
      return forgetIfEnded(office, what.id);
    case "fail-over":
      return office.failOver();
  }
}

/** Only what has been allocated may end. */
function endAfterStart(office: Office, name: string, state: TaskState): void {
  const known = office.store.tasks.get(name);
  if (known !== undefined && known.status.state === TaskState.PENDING) office.end(name, state);
}

/** What may still run is never forgotten. */
function forgetIfEnded(office: Office, name: string): void {
  const known = office.store.tasks.get(name);
  if (known !== undefined && !holdsAddresses(known)) office.forget(name);
}

function holders(store: Store): string[] {
  const holding = [...store.tasks.values()].filter(holdsAddresses);
  return holding.flatMap(({ networks }) => networks.map(({ address }) => address));
}
