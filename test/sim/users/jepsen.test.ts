import { expect, test } from "vitest";
import { checkLinearizable, type Operation } from "../../../sim/checkers/linearizability.ts";
import { simulate } from "../../../sim/simulate.ts";
import type { ClientEvent } from "../../../sim/users/client-history.ts";
import { jepsenHistory } from "../../../sim/users/jepsen.ts";
import {
  type RegisterInput,
  type RegisterOutput,
  type RegisterValue,
  registerModel,
} from "../checkers/register-model.ts";
import { scenarioNamed } from "../scenario-named.ts";
import { parseEdn } from "./edn.ts";

// Goal: a history in Jepsen's format says the same as the history itself.
// Method: write it, read it back, and check what was read as registers.

const service = { id: "abc", version: 5, value: 7 };
const key = "web";

test("jepsenHistory() writes one map a line", () => {
  const read = { kind: "read", key } as const;
  const create = { kind: "create", key, value: 7 } as const;
  const update = { kind: "update", key, id: "abc", version: 5, from: 7, value: 8 } as const;
  const remove = { kind: "remove", key, id: "abc" } as const;
  const events: ClientEvent[] = [
    { process: 0, type: "invoke", input: read, output: null, time: 1 },
    { process: 0, type: "ok", input: read, output: { kind: "found", service }, time: 2 },
    { process: 1, type: "ok", input: read, output: { kind: "absent" }, time: 3 },
    { process: 1, type: "fail", input: read, output: null, time: 4 },
    { process: 1, type: "ok", input: create, output: { kind: "done", id: "abc" }, time: 5 },
    {
      process: 1,
      type: "fail",
      input: create,
      output: { kind: "refused", code: "AlreadyExists" },
      time: 6,
    },
    { process: 2, type: "info", input: update, output: null, time: 7 },
    { process: 3, type: "invoke", input: remove, output: null, time: 8 },
  ];
  expect(jepsenHistory(events)).toBe(
    [
      '{:process 0, :type :invoke, :f :read, :value ["web" nil], :time 1000, :index 0}',
      '{:process 0, :type :ok, :f :read, :value ["web" 7], :time 2000, :index 1}',
      '{:process 1, :type :ok, :f :read, :value ["web" nil], :time 3000, :index 2}',
      '{:process 1, :type :fail, :f :read, :value ["web" nil], ' +
        ":error :timeout, :time 4000, :index 3}",
      '{:process 1, :type :ok, :f :cas, :value ["web" [nil 7]], :time 5000, :index 4}',
      '{:process 1, :type :fail, :f :cas, :value ["web" [nil 7]], ' +
        ":error :already-exists, :time 6000, :index 5}",
      '{:process 2, :type :info, :f :cas, :value ["web" [7 8]], ' +
        ":error :timeout, :time 7000, :index 6}",
      '{:process 3, :type :invoke, :f :write, :value ["web" nil], :time 8000, :index 7}',
      "",
    ].join("\n"),
  );
});

interface JepsenOperation {
  readonly ":process": number;
  readonly ":type": ":invoke" | ":ok" | ":fail" | ":info";
  readonly ":f": ":read" | ":write" | ":cas";
  readonly ":value": readonly [string, RegisterValue | readonly [RegisterValue, RegisterValue]];
  readonly ":time": number;
  readonly ":index": number;
}

async function historyOf(seed: string): Promise<JepsenOperation[]> {
  let text = "";
  const clients = (events: readonly ClientEvent[]) => {
    text = jepsenHistory(events);
  };
  const { verdict } = simulate(await scenarioNamed("clients"), seed, { observer: { clients } });
  expect(verdict).toBe("pass");
  const lines = text.trimEnd().split("\n");
  return lines.map((line) => parseEdn(line) as unknown as JepsenOperation);
}

/** Failed compare-and-sets never happened; their processes may have been wrong about why. */
function asRegisters(
  history: readonly JepsenOperation[],
): Operation<RegisterInput, RegisterOutput>[] {
  const ends = new Map<number, JepsenOperation>();
  const operations = [...history].reverse().map((event) => {
    const { ":process": process, ":type": type } = event;
    const end = ends.get(process);
    if (type !== ":invoke") ends.set(process, event);
    else ends.delete(process);
    if (type !== ":invoke" || end?.[":type"] === ":fail") return null;
    const isKnown = end?.[":type"] === ":ok";
    const invokedAt = event[":time"];
    const output = isKnown ? outputOf(end) : null;
    const returnedAt = isKnown ? end[":time"] : null;
    return { process, input: inputOf(event), output, invokedAt, returnedAt };
  });
  return operations.filter((operation) => operation !== null);
}

function inputOf({ ":f": f, ":value": [name, value] }: JepsenOperation): RegisterInput {
  if (f === ":read") return { kind: "read", key: name };
  if (f === ":write") return { kind: "write", key: name, value: value as RegisterValue };
  const [from, to] = value as [RegisterValue, RegisterValue];
  return { kind: "cas", key: name, from, to };
}

function outputOf({ ":f": f, ":value": [, value] }: JepsenOperation): RegisterOutput {
  return f === ":read" ? { kind: "read", value: value as RegisterValue } : { kind: "ok" };
}

test("what clients of a simulated cluster saw can be read back, and is linearizable", async () => {
  for (const seed of ["1", "2", "3"]) {
    const history = await historyOf(seed);
    expect(history.length).toBeGreaterThan(1_000);
    expect(history.map((event) => event[":index"])).toEqual(history.map((_, index) => index));
    const operations = asRegisters(history);
    expect(operations.some(({ output }) => output === null)).toBe(
      history.some((event) => event[":type"] === ":info"),
    );
    expect(checkLinearizable(registerModel, operations)).toEqual({ kind: "linearizable" });
  }
});

test("a process asks one thing at a time, and no more once an outcome is unknown", async () => {
  const busy = new Set<number>();
  const gone = new Set<number>();
  let lastTime = 0;
  for (const { ":process": process, ":type": type, ":time": time } of await historyOf("1")) {
    expect(time).toBeGreaterThanOrEqual(lastTime);
    lastTime = time;
    expect(gone.has(process)).toBe(false);
    expect(busy.has(process)).toBe(type !== ":invoke");
    if (type === ":invoke") busy.add(process);
    else busy.delete(process);
    if (type === ":info") gone.add(process);
  }
});
