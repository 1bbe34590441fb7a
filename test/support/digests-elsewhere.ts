// Prints what the runs of seed 1 come to, of the scenarios that are named or of all, as JSON: begun
// by `test/determinism.test.ts` in other surroundings. The last scenario comes first, whatever is
// sent, written or asked for is frozen, and there is nothing to ask the time or chance of.
import { SimDisk } from "../../sim/ports/disk.ts";
import { SimExecutor } from "../../sim/ports/executor.ts";
import { SimNetwork } from "../../sim/ports/network.ts";
import { Host } from "../../sim/world/host.ts";
import { deepFreeze } from "./deep-freeze.ts";
import { digestsOf, rowsOf } from "./digests.ts";

type Method = (...given: unknown[]) => unknown;

const named = process.argv.slice(2);
const rows = (await rowsOf(["1"])).filter(({ name }) => named.length === 0 || named.includes(name));
const frozen = [
  freezing(SimNetwork.prototype, "send"),
  freezing(SimDisk.prototype, "write"),
  freezing(SimExecutor.prototype, "execute"),
  freezing(Host.prototype, "receive"),
];
const digests = withNothingToAsk(() => digestsOf(rows.reverse()));
const { timeZone: zone } = Intl.DateTimeFormat().resolvedOptions();
console.log(JSON.stringify({ zone, frozen: frozen.map(({ calls }) => calls), digests }));

/** Freezes all plain arguments of a method before it sees them, and counts its calls. */
function freezing(prototype: object, method: string): { calls: number } {
  const methods = prototype as Record<string, Method>;
  const original = methods[method] as Method;
  const spy = { calls: 0 };
  methods[method] = function (this: unknown, ...given) {
    spy.calls += 1;
    return original.apply(this, given.map(deepFreeze));
  };
  return spy;
}

function withNothingToAsk<T>(does: () => T): T {
  const asked = ["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "Date"] as const;
  const before = asked.map((name) => [name, globalThis[name]] as const);
  const { random } = Math;
  try {
    Math.random = () => refuse("Math.random");
    for (const name of asked) replace(name, new Proxy(globalThis[name], refusing(name)));
    return does();
  } finally {
    Math.random = random;
    for (const [name, value] of before) replace(name, value);
  }
}

function replace(name: keyof typeof globalThis, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

function refuse(what: string): never {
  throw new Error(`a run asked for ${what}`);
}

function refusing(what: string): ProxyHandler<never> {
  return {
    apply: () => refuse(what),
    construct: () => refuse(what),
    get: () => refuse(what),
  };
}
