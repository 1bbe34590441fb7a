import type { ClusterSource } from "../../core/observe/source.ts";
import type { Binding, Group, Pressed, Situation } from "./binding.ts";
import { faultKeys } from "./fault-keys.ts";
import { moveKeys } from "./move-keys.ts";
import { operatorKeys } from "./operator-keys.ts";
import { pressInPrompt } from "./prompt-keys.ts";
import { timeKeys } from "./time-keys.ts";

const groups: readonly Group[] = [
  { title: "Views", bindings: moveKeys },
  { title: "Time", bindings: timeKeys },
  { title: "Faults, on the chosen machine", bindings: faultKeys },
  { title: "Cluster, after y or n", bindings: operatorKeys },
];

/** All keys that do something with such a source, as the help lists them. */
export function groupsFor(kind: ClusterSource["kind"]): Group[] {
  return groups
    .map(({ title, bindings }) => ({
      title,
      bindings: bindings.filter((each) => fits(each, kind)),
    }))
    .filter(({ bindings }) => bindings.length > 0);
}

function fits({ only }: Binding, kind: ClusterSource["kind"]): boolean {
  return only === undefined || only === kind;
}

/** What a key does: here a wish becomes a change of the picture, or a command. */
export function press(key: string, situation: Situation): Pressed {
  const { prompt } = situation.ui;
  const ui = { ...situation.ui, message: null };
  const quiet = { ...situation, ui };
  if (prompt !== null) return pressInPrompt(prompt, key, quiet);
  for (const { bindings } of groupsFor(situation.kind)) {
    const found = bindings.find(({ keys }) => keys.includes(key));
    if (found !== undefined) return found.press(quiet);
  }
  return { ui };
}
