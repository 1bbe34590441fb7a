import { beforeAll, describe, expect, test } from "vitest";
import {
  branching,
  ChoiceRecorder,
  type Choices,
  choicesText,
  parseChoices,
  replaying,
} from "../../../sim/chance/choices.ts";
import type { RunResult } from "../../../sim/result.ts";
import type { ScenarioPlan } from "../../../sim/scenario/dsl.ts";
import { simulate } from "../../../sim/simulate.ts";
import { scenarioNamed } from "../scenario-named.ts";

// Goal: a run is a function of its plan and the list of its choices, whatever the seed.

let plan: ScenarioPlan;
let run: RunResult;
let choices: Choices;

beforeAll(async () => {
  plan = await scenarioNamed("random-chaos");
  const recorder = new ChoiceRecorder();
  run = simulate(plan, "5", { tap: recorder.tap });
  choices = recorder.list();
});

describe("the choices of a run", () => {
  test("change nothing by being taken down", () => {
    expect(run.digest).toBe(simulate(plan, "5").digest);
    expect(choices.length).toBeGreaterThan(1000);
  });

  test("show the run again from another seed", () => {
    expect(simulate(plan, "another", { tap: replaying(choices) }).digest).toBe(run.digest);
    expect(simulate(plan, "another").digest).not.toBe(run.digest);
  });

  test("show it again after a way through text", () => {
    const text = choicesText(choices);
    const read = parseChoices(text);
    expect(read).toEqual(choices);
    for (const wrong of ["no choices", "AAA=", `${text}A`]) {
      expect(parseChoices(wrong), wrong).toBeNull();
    }
  });

  test("go on as chance has it where the list ends", () => {
    const part = choices.slice(0, 2);
    expect(simulate(plan, "5", { tap: replaying(part) }).digest).toBe(run.digest);
    expect(simulate(plan, "6", { tap: replaying(part) }).digest).not.toBe(run.digest);
  });

  test("are kept up to a point, and then chance makes others", () => {
    const kept = Math.floor(choices.length / 2);
    const words: number[] = [];
    const taps = branching(choices, { choices: kept, byNodes: Infinity }, 7);
    const tap = (word: number) => {
      words.push(taps.tap(word));
      return words.at(-1) as number;
    };
    const other = simulate(plan, "5", { tap });
    expect(other.digest).not.toBe(run.digest);
    expect(words.slice(0, kept)).toEqual([...choices.slice(0, kept)]);
    expect(words.slice(kept, kept + 8)).not.toEqual([...choices.slice(kept, kept + 8)]);
    const again = branching(choices, { choices: kept, byNodes: Infinity }, 7);
    expect(simulate(plan, "5", again).digest).toBe(other.digest);
    const all = branching(choices, { choices: choices.length, byNodes: Infinity }, 7);
    expect(simulate(plan, "5", all).digest).toBe(run.digest);
  });

  test("leave nodes what they draw by themselves, up to a point", () => {
    const drawn = (byNodes: number): string => {
      const { nodeTap } = branching(choices, { choices: Infinity, byNodes }, 7);
      return simulate(plan, "5", { tap: replaying(choices), nodeTap }).digest;
    };
    expect(drawn(Infinity)).toBe(run.digest);
    expect(drawn(0)).not.toBe(run.digest);
  });
});
