import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript-api";
import { expect, test } from "vitest";
import * as driver from "../../../core/raft/driver.ts";
import {
  createRaft,
  durableAfter,
  emptyDurable,
  type RaftWrite,
  randomStream,
} from "../../../core/raft/driver.ts";

// Goal: a program outside the project can drive a member. Method: the README's example is cut out,
// checked against the types and run, as a reader would.

const readme = readFileSync(new URL("../../../core/raft/README.md", import.meta.url), "utf8");
const example = /```ts\n([^`]*simswarm\/raft[^`]*)```/.exec(readme)?.[1] ?? "";

test("the README's example of a driver is short and compiles", () => {
  expect(example.trim().split("\n").length).toBeLessThanOrEqual(30);
  const driverPath = fileURLToPath(new URL("../../../core/raft/driver.ts", import.meta.url));
  const path = fileURLToPath(new URL("example.ts", import.meta.url));
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    types: [],
    lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
    paths: { "simswarm/raft": [driverPath] },
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (name, ...rest) => {
    if (name !== path) return getSourceFile(name, ...rest);
    return ts.createSourceFile(name, example, ts.ScriptTarget.ES2022);
  };
  const program = ts.createProgram([path], options, host);
  const problems = ts.getPreEmitDiagnostics(program).map(({ messageText }) => messageText);
  expect(problems).toEqual([]);
});

test("the README's example of a driver runs, and prints what the README says", () => {
  const { outputText } = ts.transpileModule(example, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const printed: string[] = [];
  const console = { log: (...words: unknown[]) => printed.push(words.join(" ")) };
  const run = new Function("require", "exports", "console", outputText);
  run(() => driver, {}, console);
  const promised = /```text\n([^`]*)```/.exec(readme)?.[1] ?? "";
  expect(printed).toEqual(promised.trim().split("\n"));
});

test("a random stream is a function of its seed, its member and its life", () => {
  const draws = (seed: number, member: string, life: number) => {
    const random = randomStream(seed, member, life);
    return [random.u32(), random.u32(), random.below(10)];
  };
  expect(draws(1, "a", 1)).toEqual(draws(1, "a", 1));
  const others = [draws(2, "a", 1), draws(1, "b", 1), draws(1, "a", 2)];
  for (const other of others) expect(other).not.toEqual(draws(1, "a", 1));
});

test("options change a member's behaviour, and the rest has defaults", () => {
  const durable = emptyDurable(["b", "a"]);
  const quick = { id: "a", durable, random: { u32: () => 0, below: () => 0 } };
  const raft = createRaft({ ...quick, options: { electionTicks: 2, preVote: false } });
  raft.step({ kind: "tick" });
  expect(raft.step({ kind: "tick" }).some(({ kind }) => kind === "write")).toBe(true);
  expect(raft.role).toBe("candidate");
  const usual = createRaft(quick);
  for (let at = 0; at < 10; at += 1) usual.step({ kind: "tick" });
  expect(usual.role).toBe("pre-candidate");
  expect(usual.status().membership.voters).toEqual(["a", "b"]);
});

test("a write replaces the end of the log, and a snapshot all of it", () => {
  const entry = (index: number, term: number) => ({ kind: "empty", index, term }) as const;
  const nothing = { id: 1, hardState: null, snapshot: null, entries: [], compactTo: 0 };
  const after = (durable: typeof start, write: Partial<RaftWrite>) => {
    return durableAfter(durable, { ...nothing, ...write });
  };
  const start = emptyDurable(["a"]);
  const log = after(start, { entries: [entry(1, 1), entry(2, 1), entry(3, 1)] });
  const cut = after(log, { entries: [entry(2, 2)], hardState: { term: 2, vote: "a" } });
  expect(cut.entries).toEqual([entry(1, 1), entry(2, 2)]);
  expect(after(cut, {})).toEqual(cut);
  expect(cut.hardState).toEqual({ term: 2, vote: "a" });
  const membership = start.bootstrap;
  const snapshot = { index: 2, term: 2, membership, payload: { size: 1 } };
  const compacted = after(cut, { snapshot, entries: [entry(3, 2)], compactTo: 3 });
  expect(compacted).toMatchObject({ snapshot, entries: [entry(3, 2)] });
});
