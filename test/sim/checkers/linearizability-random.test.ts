import fc from "fast-check";
import { expect, test } from "vitest";
import { Random } from "../../../core/base/random.ts";
import { checkLinearizable } from "../../../sim/checkers/linearizability.ts";
import { isLinearizable } from "./brute-force.ts";
import { cas, type RegisterOperation, read, type Span, write } from "./histories.ts";
import {
  type RegisterInput,
  type RegisterOutput,
  type RegisterValue,
  registerModel,
} from "./register-model.ts";

// Goal: the search answers as the definition does, and needs little work for long histories.

const value = fc.constantFrom<RegisterValue>(null, 1, 2);
const span: fc.Arbitrary<Span> = fc
  .oneof(
    { weight: 4, arbitrary: fc.tuple(fc.nat(12), fc.integer({ min: 1, max: 6 })) },
    { weight: 1, arbitrary: fc.tuple(fc.nat(12)) },
  )
  .map(([from, lasting]) => (lasting === undefined ? [from] : [from, from + lasting]));
const key = fc.constantFrom("x", "x", "x", "y");
const anyOperation = fc.oneof(
  fc.tuple(key, value, span).map((parts) => write(...parts)),
  fc.tuple(key, value, span).map((parts) => read(...parts)),
  fc
    .tuple(key, fc.tuple(value, value), fc.constantFrom("ok" as const, "failed" as const), span)
    .map((parts) => cas(...parts)),
);

test("checkLinearizable() agrees with the definition on small histories", () => {
  let passed = 0;
  let runs = 0;
  fc.assert(
    fc.property(fc.array(anyOperation, { maxLength: 7 }), (history) => {
      const expected = isLinearizable(registerModel, history);
      runs += 1;
      passed += expected ? 1 : 0;
      expect(checkLinearizable(registerModel, history).kind).toBe(
        expected ? "linearizable" : "not-linearizable",
      );
    }),
    { numRuns: 4_000, seed: 1 },
  );
  // Both answers must be common, or the comparison says little.
  expect(passed).toBeGreaterThan(runs / 5);
  expect(passed).toBeLessThan((runs * 4) / 5);
});

test("checkLinearizable() does not depend on the order in which operations are listed", () => {
  fc.assert(
    fc.property(
      fc.array(anyOperation, { maxLength: 8 }),
      fc.infiniteStream(fc.nat()),
      (history, keys) => {
        const shuffled = history
          .map((operation) => ({ operation, rank: keys.next().value as number }))
          .sort((left, right) => left.rank - right.rank)
          .map(({ operation }) => operation);
        const [one, other] = [history, shuffled].map((each) =>
          checkLinearizable(registerModel, each),
        );
        expect(other?.kind).toBe(one?.kind);
      },
    ),
    { numRuns: 500, seed: 2 },
  );
});

/** What clients see of registers that are correct: each operation takes effect within its span. */
function simulated(seed: number, operations: number, keys: number, clients: number) {
  const random = new Random([seed, 2, 3, 4]);
  const freeAt = new Array<number>(clients).fill(0);
  const planned = Array.from({ length: operations }, () => {
    const process = freeAt.indexOf(Math.min(...freeAt));
    const invokedAt = (freeAt[process] as number) + random.between(1, 5);
    const effectAt = invokedAt + random.between(0, 50);
    const returnedAt = effectAt + random.between(0, 50);
    freeAt[process] = returnedAt;
    const [from, to] = [random.below(5), random.below(5)];
    const name = `k${random.below(keys)}`;
    const kinds: RegisterInput[] = [
      { kind: "read", key: name },
      { kind: "write", key: name, value: to },
      { kind: "cas", key: name, from, to },
    ];
    return { process, invokedAt, effectAt, returnedAt, input: random.pick(kinds) };
  });
  const states = new Map<string, RegisterValue>();
  const outputs = new Map<(typeof planned)[number], RegisterOutput>();
  for (const each of [...planned].sort((left, right) => left.effectAt - right.effectAt)) {
    const state = states.get(each.input.key) ?? null;
    outputs.set(each, outputOf(each.input, state));
    states.set(each.input.key, registerModel.step(state, each.input, null) as RegisterValue);
  }
  return planned.map((each): RegisterOperation => {
    const { process, invokedAt, returnedAt, input } = each;
    const isKnown = !random.chance(10_000);
    const output = isKnown ? (outputs.get(each) as RegisterOutput) : null;
    return { process, input, output, invokedAt, returnedAt: isKnown ? returnedAt : null };
  });
}

function outputOf(input: RegisterInput, state: RegisterValue): RegisterOutput {
  if (input.kind === "read") return { kind: "read", value: state };
  return { kind: input.kind === "cas" && input.from !== state ? "failed" : "ok" };
}

test("a thousand operations of ten clients on twenty registers pass within the work given", () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const history = simulated(seed, 1_000, 20, 10);
    expect(checkLinearizable(registerModel, history, 20_000).kind).toBe("linearizable");
  }
});

test("a thousand operations of ten clients on one register pass within the work given", () => {
  for (let seed = 1; seed <= 5; seed += 1) {
    const history = simulated(seed, 1_000, 1, 10);
    expect(checkLinearizable(registerModel, history, 1_000_000).kind).toBe("linearizable");
  }
});

test("one read too old among a thousand operations is found", () => {
  const history = simulated(1, 1_000, 20, 10);
  const last = Math.max(...history.map(({ returnedAt }) => returnedAt ?? 0));
  const late = [write("k3", 77, [last + 1, last + 2]), read("k3", 4, [last + 3, last + 4])];
  const found = checkLinearizable(registerModel, [...history, ...late]);
  expect(found).toMatchObject({ kind: "not-linearizable", key: "k3" });
});
