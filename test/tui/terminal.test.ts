import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import partition from "../../scenarios/partition.ts";
import { secondsText } from "../../tui/words.ts";
import { recordedRun } from "./support/recorded-source.ts";
import { openTerminal } from "./support/tmux.ts";

// Goal: the program does in a terminal what it promises, and leaves it as it was.
// Method: tmux is the terminal; its keys are pressed, and its screen is read.

const root = fileURLToPath(new URL("../../", import.meta.url));
const program = join(root, "dist/bin/tui.mjs");
const scenario = join(root, "scenarios/partition.ts");
const { events } = recordedRun(partition).momentAt(60_000_000);
const elected = events.find(({ kind }) => kind === "election")?.at ?? 0;
const view = `node ${program} sim ${scenario}`;

function terminal(env: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "simswarm-tui-"));
  const opened = openTerminal({ env, folder });
  onTestFinished(() => {
    opened.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { folder, ...opened };
}

test("what takes its time to load says so, and leaves nothing of it", async () => {
  const { folder, press, sees } = terminal();
  const slow = join(folder, "slow.ts");
  const wait = "for (let i = 0; i < 3e8; i += 1);\n";
  writeFileSync(slow, `${wait}${readFileSync(scenario, "utf8")}`);
  press(`node ${program} sim ${slow}; echo code $?`, "Enter");
  await sees(/^loading$/m);
  expect(await sees("paused 1x")).not.toContain("loading");
  press("q");
  await sees("code 0");
  writeFileSync(slow, `${wait}throw new Error("nothing");`);
  press(`clear; node ${program} sim ${slow}; echo code $?`, "Enter");
  await sees(/^loading$/m);
  expect(await sees("code 2")).not.toContain("loading");
});

test("a simulation is stepped, played, paused and turned back by keys", async () => {
  const { press, sees, resize } = terminal();
  press(view, "Enter");
  await sees(/paused 1x {2}0\.000 s {2}event 0 /);
  press(".");
  await sees(/event 1 /);
  press(",");
  await sees(/event 0 /);
  press("e");
  expect(await sees(`paused 1x  ${secondsText(elected)}`)).toContain("candidate t1");
  press(">");
  await sees(`paused 1x  ${secondsText(elected + 1_000_000)}`);
  await sees("leader t1");
  press("<");
  await sees(`paused 1x  ${secondsText(elected)}`);
  press("+", "+", "+", "Space");
  await sees("playing 10x");
  await sees(/10x {2}([2-9]|\d\d)\d\.\d+ s/);
  press("b");
  await sees(/paused 10x {2}0\.000 s/);
  press("Space");
  await sees("playing 10x");
  press("Space");
  await sees("paused 10x");
  press("f");
  await sees(/paused 10x {2}40\.000 s/);
  press("<");
  await sees(/paused 10x {2}39\.000 s/);
  resize({ columns: 160, rows: 50 });
  const large = await sees(/availability +active/);
  expect(large.split("\n").filter((line) => line.includes("partition, seed 1"))).toHaveLength(1);
  resize({ columns: 80, rows: 24 });
  await sees(/network whole *\n.* paused/);
});

test("a machine crashes by key, and what was done is saved as a scenario", async () => {
  const { folder, press, sees } = terminal();
  press(`${view}; echo left`, "Enter");
  await sees("paused");
  press("f");
  await sees(/paused 1x {2}40\.000 s/);
  press("l", "l", "x");
  await sees("m3 crashes");
  press(".", ".", ".");
  await sees("✖ off");
  press("Space", "+", "+", "+", "+");
  await sees("called down");
  press("s");
  await sees("saved as");
  press("q");
  await sees("left");
  const [saved = ""] =
    readFileSync(join(folder, "partition-by-hand.ts"), "utf8").match(/crash\(.*/) ?? [];
  expect(saved).toContain("m3");
});

test.each([
  ["q", "q", 0],
  ["Ctrl-C", "C-c", 0],
])("%s leaves the terminal as it was", async (_name, key, code) => {
  const { press, sees, ask } = terminal();
  press("echo before", "Enter");
  press(`${view}; echo code $?`, "Enter");
  await sees("paused");
  expect(ask("alternate_on")).toBe("1");
  press(key);
  const text = await sees(`code ${code}`);
  expect(text).toContain("before");
  expect(text).not.toContain("network");
  expect([ask("alternate_on"), ask("cursor_flag")]).toEqual(["0", "1"]);
  press("clear; stty -a", "Enter");
  expect(await sees("icanon")).toMatch(/[^-]icanon(.|\n)*[^-]echo /);
});

test("a signal ends the view, and the terminal is as it was", async () => {
  const { press, sees, ask, screen } = terminal();
  press(`sh -c 'echo $$ > pid; exec ${view}'; echo code $?`, "Enter");
  await sees("paused");
  const pid = Number(readFileSync(join(ask("pane_current_path"), "pid"), "utf8"));
  process.kill(pid, "SIGTERM");
  await sees("code 143");
  expect([ask("alternate_on"), ask("cursor_flag")]).toEqual(["0", "1"]);
  expect(screen()).not.toContain("network");
});

test("a view that is killed leaves the terminal to the program that started it", async () => {
  const { press, sees, ask } = terminal();
  press(`node ${join(root, "dist/bin/sim.js")} run ${scenario} --tui; echo code $?`, "Enter");
  await sees("paused");
  const [view = ""] = childrenOf(childrenOf(ask("pane_pid"))[0] ?? "");
  process.kill(Number(view), "SIGKILL");
  await sees("code 137");
  expect([ask("alternate_on"), ask("cursor_flag")]).toEqual(["0", "1"]);
  press("clear; stty -a", "Enter");
  expect(await sees("icanon")).toMatch(/[^-]icanon(.|\n)*[^-]echo /);
});

function childrenOf(pid: string): string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
}

test("a jump that takes long says how far it is, and Escape stops it", async () => {
  const { press, sees } = terminal();
  press(`node ${program} sim ${join(root, "scenarios/everyday-chaos.ts")}`, "Enter");
  await sees("paused");
  press("]");
  await sees(/Playing to the end: \d+\.\d s so far\. esc stops/);
  press("Escape");
  await sees("stopped");
  await sees(/paused 1x {2}0\.000 s/);
});

test("an error ends the view with a sentence, and the terminal is as it was", async () => {
  const { press, sees, ask, folder } = terminal();
  const sign = join(folder, "sign");
  const falls = `import { existsSync } from "node:fs";
    const look = () => { if (existsSync("${sign}")) throw new Error("the sky fell"); };
    setInterval(look, 50);`;
  const options = `--import=data:text/javascript,${encodeURIComponent(falls)}`;
  press(`NODE_OPTIONS='${options}' ${view}; echo code $?`, "Enter");
  await sees("paused");
  writeFileSync(sign, "");
  const text = await sees("code 1");
  expect(text).toContain("simswarm has a bug: Error: the sky fell");
  expect(text).not.toContain("network");
  expect([ask("alternate_on"), ask("cursor_flag")]).toEqual(["0", "1"]);
});

test("what can't be watched is said in a sentence, and the code is 2", async () => {
  const { press, sees } = terminal();
  press(`node ${program} sim nowhere.ts; echo code $?`, "Enter");
  const text = await sees("code 2");
  expect(text).toContain("nowhere.ts: there is no such file");
  expect(text).not.toContain("    at ");
});

test("a terminal that can't move its cursor is sent nothing but what to use instead", async () => {
  const { press, sees } = terminal();
  press(`TERM=dumb node ${program} sim ${scenario}; echo code $?`, "Enter");
  const text = await sees("code 2");
  expect(text).toContain("TERM is 'dumb'");
});

test("without colours and without UTF-8 the same is to be seen", async () => {
  const { press, sees, screen } = terminal({ NO_COLOR: "1", LC_ALL: "C" });
  press(view, "Enter");
  const text = await sees("= paused 1x");
  expect(text).toMatch(/^[ -~\n]*$/);
  expect(text).toContain("+- F m2 ");
  expect(screen("codes")).not.toMatch(/\[([0-9]+;)*[34][0-8][;m]/);
});

test("where there is no terminal it says what to use instead, and the code is 2", () => {
  for (const [name, file, instead] of [
    ["sim", scenario, `sim run ${scenario}`],
    ["watch", "failure.json", "sim replay failure.json"],
  ] as const) {
    const { status, stdout, stderr } = spawnSync("node", [program, name, file], {
      encoding: "utf8",
    });
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toBe(`This view needs a terminal. Without one, use '${instead}'.\n`);
  }
});
