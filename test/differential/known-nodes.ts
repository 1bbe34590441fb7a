import type { Rule } from "./rule.ts";
import { goesOnAlike, isDrained, isLine, isOn, serviceOf, tasksOf } from "./shown.ts";
import { takesByChance, waitsForNode } from "./words.ts";

/** Of nodes that are drained, paused, promoted or gone, and what becomes of their tasks. */
export const nodeRules: readonly Rule[] = [
  {
    name: "a node that is promoted right after it was demoted is a manager at once",
    explains: ({ path, swarm, ours }) =>
      path.endsWith(".ManagerStatus") && swarm === undefined && ours.Reachability === "reachable",
  },
  {
    name: "a node is called by its hostname alone",
    explains: ({ path, ours }) =>
      /^(state\.nodes\.\w+|answer\.body(\.\d+)?)\.Spec\.Name$/.test(path) && ours === undefined,
  },
  {
    name: "a drained node's tasks go on until others run, and jobs do so elsewhere",
    explains: ({ path }, { step, state, ourState }) => {
      if (step.method === "docker" && isLine(path)) return isDrained(state);
      const name = serviceOf(path) ?? "";
      return isOn("drain", state, name) || isOn("drain", ourState, name);
    },
  },
  {
    name: "what a drained node runs still stays there when the node is only paused from then on",
    explains: ({ path }, { parted, state, ourState }) => {
      const name = serviceOf(path) ?? "";
      const isLeftWaiting = tasksOf(state, name).some(({ Status }) =>
        waitsForNode.test(Status.Err),
      );
      return parted.has(name) && isLeftWaiting && isOn("pause", ourState, name);
    },
  },
  {
    name: "what became of tasks then is still shown, but those that go on are alike",
    explains: ({ path }, occasion) =>
      occasion.parted.has(serviceOf(path) ?? "") && goesOnAlike(path, occasion),
  },
  {
    name: "which tasks are given up depends on where chance has put them",
    explains: ({ path }, occasion) =>
      takesByChance(occasion.step) && serviceOf(path) !== null && goesOnAlike(path, occasion),
  },
];
