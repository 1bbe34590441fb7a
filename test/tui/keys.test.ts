import { describe, expect, test } from "vitest";
import type {
  ClusterSource,
  Direction,
  SourceCommand,
  SourceMoment,
} from "../../core/observe/source.ts";
import partition from "../../scenarios/partition.ts";
import { groupsFor, press } from "../../tui/keys/press.ts";
import { layoutOf } from "../../tui/layout.ts";
import { atFirst, type Ui } from "../../tui/ui.ts";
import { viewNamed } from "../../tui/views.ts";
import { paused, recordedRun } from "./support/recorded-source.ts";
import { large, small } from "./support/screen-text.tsx";

// Goal: each key does what the help says of it, and asks before it changes a cluster.
// Method: keys one after another, each on what the one before has left.

const moment = recordedRun(partition).momentAt(30_000_000);

interface Typed {
  readonly moment?: SourceMoment;
  readonly kind?: ClusterSource["kind"];
  readonly size?: typeof small;
  readonly ui?: Partial<Ui>;
}

/** What is left after these keys, and what was sent. */
function typed(keys: readonly string[], from: Typed = {}) {
  const { kind = "simulation", size = small, moment: shown = moment } = from;
  let ui: Ui = { ...atFirst, ...from.ui };
  const commands: SourceCommand[] = [];
  let isOver = false;
  for (const key of keys) {
    const contents = viewNamed(ui.view).open(shown, ui.filters[ui.view] ?? "");
    const at = contents.locate(ui.choices[ui.view] ?? null);
    const pressed = press(key, {
      ui,
      moment: shown,
      kind,
      layout: layoutOf(size, ui),
      contents,
      at,
    });
    ui = pressed.ui;
    if (pressed.command !== undefined) commands.push(pressed.command);
    isOver ||= pressed.isQuit === true;
  }
  const contents = viewNamed(ui.view).open(shown, ui.filters[ui.view] ?? "");
  return { ui, commands, isOver, at: contents.locate(ui.choices[ui.view] ?? null) };
}

describe("moving", () => {
  test("1 to 6 choose the views", () => {
    const names = ["1", "2", "3", "4", "5", "6"].map((key) => typed([key]).ui.view);
    expect(names).toEqual(["cluster", "services", "tasks", "raft", "events", "invariants"]);
  });

  test("hjkl and the arrows move among the cards", () => {
    expect(typed(["l", "l"]).at).toBe(2);
    expect(typed(["j"]).at).toBe(3);
    expect(typed(["down", "right", "left", "up"]).at).toBe(0);
    expect(typed(["h"]).at).toBe(0);
  });

  test("gg goes to the first and G to the last", () => {
    expect(typed(["3", "G"]).at).toBe(5);
    expect(typed(["3", "G", "g", "g"]).at).toBe(0);
  });

  test("what is chosen stays chosen when others come before it", () => {
    const { ui } = typed(["3", "j", "j"]);
    const frame = { ...moment.frame, tasks: moment.frame.tasks.slice(1) };
    expect(typed([], { ui, moment: { ...moment, frame } }).at).toBe(1);
  });

  test("what takes the place of a chosen thing that is gone is chosen", () => {
    const { ui } = typed(["3", "G"]);
    const frame = { ...moment.frame, tasks: moment.frame.tasks.slice(0, 3) };
    expect(typed([], { ui, moment: { ...moment, frame } }).at).toBe(2);
  });

  test("events follow the newest until one is chosen, and again after G", () => {
    const last = moment.events.length - 1;
    expect(typed(["5"]).at).toBe(last);
    const { ui } = typed(["5", "k"]);
    expect(typed([], { ui }).at).toBe(last - 1);
    expect(typed(["G"], { ui }).ui.choices.events).toBeUndefined();
  });

  test("Enter opens and shuts the details, Tab gives them the keys", () => {
    expect(layoutOf(small, typed(["enter"]).ui).side).not.toBeNull();
    expect(layoutOf(small, typed(["enter", "enter"]).ui).side).toBeNull();
    expect(layoutOf(large, typed([], { size: large }).ui).side).not.toBeNull();
    const inside = typed(["tab", "j", "j"]);
    expect(inside.ui).toMatchObject({ isInSide: true, scroll: 2 });
    expect(inside.at).toBe(0);
    expect(typed(["tab", "tab", "j"]).at).toBe(1);
  });

  test("/ filters while one writes, Enter keeps it, Escape ends it", () => {
    const writing = typed(["3", "/", ..."web.2"]);
    expect(writing.ui.filters.tasks).toBe("web.2");
    expect(writing.ui.view).toBe("tasks");
    expect(typed(["3", "/", ..."q2", "backspace", "enter"]).ui).toMatchObject({
      filters: { tasks: "q" },
      prompt: null,
    });
    expect(typed(["3", "/", ..."web", "escape"]).ui.filters.tasks).toBe("");
    expect(typed(["3", "/", ..."web", "enter", "escape"]).ui.filters.tasks).toBe("");
  });

  test("q and Ctrl-C quit, but q is a letter while one writes", () => {
    expect(typed(["q"]).isOver).toBe(true);
    expect(typed(["ctrl-c"]).isOver).toBe(true);
    expect(typed(["/", "q"]).isOver).toBe(false);
    expect(typed(["/", "ctrl-c"]).isOver).toBe(true);
  });
});

describe("a simulation", () => {
  test("is played, paused, stepped and turned back", () => {
    const playing = (way: Direction) => ({
      moment: { ...moment, playback: { ...paused, playing: way } },
    });
    expect(typed([" "]).commands).toEqual([{ kind: "play", direction: "forward" }]);
    expect(typed([" "], playing("forward")).commands).toEqual([{ kind: "pause" }]);
    expect(typed(["b"]).commands).toEqual([{ kind: "play", direction: "back" }]);
    expect(typed(["b"], playing("forward")).commands).toEqual([
      { kind: "play", direction: "back" },
    ]);
    expect(typed(["b"], playing("back")).commands).toEqual([{ kind: "pause" }]);
    expect(typed([" "], playing("back")).commands).toEqual([{ kind: "pause" }]);
    expect(typed([".", ",", ">", "<"]).commands).toEqual([
      { kind: "step", by: "event", count: 1 },
      { kind: "step", by: "event", count: -1 },
      { kind: "step", by: "second", count: 1 },
      { kind: "step", by: "second", count: -1 },
    ]);
  });

  test("goes from a tenth of the speed of time to as fast as it can", () => {
    const at = (speed: number | null) => ({
      moment: { ...moment, playback: { ...paused, playing: "forward" as const, speed } },
    });
    expect(typed(["+"], at(1)).commands).toEqual([{ kind: "speed", speed: 2 }]);
    expect(typed(["-"], at(1)).commands).toEqual([{ kind: "speed", speed: 0.5 }]);
    expect(typed(["-"], at(0.1)).commands).toEqual([{ kind: "speed", speed: 0.1 }]);
    expect(typed(["+"], at(100)).commands).toEqual([{ kind: "speed", speed: null }]);
    expect(typed(["+"], at(null)).commands).toEqual([{ kind: "speed", speed: null }]);
    expect(typed(["-"], at(null)).commands).toEqual([{ kind: "speed", speed: 100 }]);
  });

  test("Escape stops a jump that takes long, and leaves the filter alone", () => {
    const underWay = { what: "to the next election", at: 5_000_000 };
    const jumping = { ...moment, playback: { ...paused, underWay } };
    const filtered = { filters: { cluster: "m1" } };
    expect(typed(["escape"], { moment: jumping, ui: filtered })).toMatchObject({
      commands: [{ kind: "stop" }],
      ui: filtered,
    });
    expect(typed(["escape"], { ui: filtered })).toMatchObject({
      commands: [],
      ui: { filters: { cluster: "" } },
    });
  });

  test("is jumped through by elections, faults and violations, either way", () => {
    const jumps = typed(["e", "E", "f", "F", "v", "V", "[", "]"]).commands;
    expect(
      jumps.map((each) => (each.kind === "jump" ? `${each.direction} ${each.to}` : "")),
    ).toEqual([
      ...["forward election", "back election", "forward fault", "back fault"],
      ...["forward violation", "back violation", "back start", "forward end"],
    ]);
  });

  test("can be hurt by hand: the chosen machine crashes, is paused, is cut off", () => {
    expect(typed(["l", "x", "z", "i"]).commands).toEqual([
      { kind: "crash", node: "m2" },
      { kind: "pause-node", node: "m2" },
      { kind: "isolate", node: "m2" },
    ]);
    expect(typed(["H", "s"]).commands).toEqual([{ kind: "heal" }, { kind: "save" }]);
  });

  test("a machine that is off starts again, and one that is paused goes on", () => {
    const nodes = moment.frame.nodes.map((node, at) => ({
      ...node,
      machine: at === 0 ? ("down" as const) : ("paused" as const),
    }));
    const hurt = { ...moment, frame: { ...moment.frame, nodes } };
    expect(typed(["x"], { moment: hurt }).commands).toEqual([{ kind: "restart", node: "m1" }]);
    expect(typed(["l", "z"], { moment: hurt }).commands).toEqual([
      { kind: "resume-node", node: "m2" },
    ]);
    const refused = typed(["z"], { moment: hurt });
    expect(refused.commands).toEqual([]);
    expect(refused.ui.message?.text).toContain("m1 is off");
  });

  test("a link is cut between the chosen machine and the one moved to", () => {
    const begun = typed(["c"]);
    expect(begun.ui.prompt).toEqual({ kind: "link", from: "m1" });
    expect(typed(["c", "l", "l", "enter"]).commands).toEqual([
      { kind: "cut", from: "m1", to: "m3" },
    ]);
    expect(typed(["c", "enter"]).commands).toEqual([]);
    expect(typed(["c", "l", "escape"]).ui.prompt).toBeNull();
    expect(typed(["c", "x"]).commands).toEqual([]);
  });

  test("nothing is hurt where no machine is chosen", () => {
    const { commands, ui } = typed(["2", "x", "c", "i"]);
    expect(commands).toEqual([]);
    expect(ui.message?.text).toContain("Choose a machine first");
  });
});

describe("a real cluster", () => {
  const kind = "cluster" as const;

  test("knows no key of a simulation", () => {
    expect(typed([" ", ".", "x", "z", "c", "i", "H", "s", "e", "+"], { kind }).commands).toEqual(
      [],
    );
    const keys = groupsFor(kind).flatMap(({ bindings }) => bindings.flatMap((each) => each.keys));
    expect(keys).not.toContain("x");
  });

  test("is changed only after y", () => {
    const asked = typed(["d"], { kind });
    expect(asked.commands).toEqual([]);
    expect(asked.ui.prompt).toMatchObject({
      kind: "confirm",
      question: expect.stringMatching(/^Drain m1\?/),
    });
    const drain = { kind: "availability", node: "m1", availability: "drain" };
    expect(typed(["d", "y"], { kind }).commands).toEqual([drain]);
    for (const key of ["n", "escape", "q"]) {
      const refused = typed(["d", key], { kind });
      expect(refused).toMatchObject({ commands: [], isOver: false, ui: { prompt: null } });
    }
    expect(typed(["d", "j", "1", "x", "y"], { kind }).commands).toEqual([drain]);
  });

  test("machines are promoted and demoted, and what they are already is said", () => {
    expect(typed(["D", "y"], { kind }).commands).toEqual([
      { kind: "role", node: "m1", role: "worker" },
    ]);
    expect(typed(["G", "P", "y"], { kind }).commands).toEqual([
      { kind: "role", node: "w5", role: "manager" },
    ]);
    expect(typed(["P"], { kind }).ui.message?.text).toBe("m1 is a manager already.");
    expect(typed(["a"], { kind }).ui.message?.text).toBe("m1 is active already.");
  });

  test("a service is scaled to a number, which is asked for first", () => {
    const { commands, ui } = typed(["2", "S", "1", "x", "2", "enter"], { kind });
    expect(commands).toEqual([]);
    expect(ui.prompt).toMatchObject({ question: "Scale web from 6 to 12?" });
    const service = moment.frame.services[0]?.id;
    expect(typed(["2", "S", "1", "2", "enter", "y"], { kind }).commands).toEqual([
      { kind: "scale", service, replicas: 12 },
    ]);
    expect(typed(["2", "S", "enter"], { kind }).ui.prompt?.kind).toBe("scale");
    expect(typed(["3", "S", "0", "enter", "y"], { kind }).commands).toHaveLength(1);
  });

  test("a service that runs on every node is not scaled", () => {
    const services = moment.frame.services.map((each) => ({ ...each, mode: "global" as const }));
    const global = { ...moment, frame: { ...moment.frame, services } };
    const { ui } = typed(["2", "S"], { kind, moment: global });
    expect(ui.message?.text).toContain("web is global");
  });
});

test("the help has every key once", () => {
  for (const kind of ["simulation", "cluster"] as const) {
    const keys = groupsFor(kind).flatMap(({ bindings }) => bindings.flatMap((each) => each.keys));
    expect(new Set(keys).size).toBe(keys.length);
  }
});
