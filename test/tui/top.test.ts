import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { processSleeper } from "../support/process-sleeper.ts";
import { RealCluster } from "../support/real-cluster.ts";
import { User } from "../support/user.ts";
import { large, small } from "./support/screen-text.tsx";
import { openTerminal } from "./support/tmux.ts";

// Goal: `swarmctl top` shows a real cluster, and goes on when the leader that it follows is killed.
// Method: three managers and a worker, each a process; the program in a real terminal.

const root = fileURLToPath(new URL("../../", import.meta.url));
const swarmctl = join(root, "dist/bin/swarmctl.sh");
const sim = `node ${join(root, "dist/bin/sim.js")}`;
const cluster = new RealCluster();

beforeAll(async () => {
  await cluster.start(3, 1);
  const spec = processSleeper("web", 3);
  await cluster.first.client.command({ kind: "create-service", spec });
  await cluster.running("web", 3);
});

afterAll(() => cluster.stop());

function terminal(size = small) {
  const opened = openTerminal({ env: { XDG_CONFIG_HOME: cluster.folder }, size });
  onTestFinished(() => opened.close());
  return opened;
}

test("the view follows a cluster whose leader is killed, and acts on it", async () => {
  const { press, sees } = terminal(large);
  const first = await new User(cluster).leader();
  const others = cluster.nodes.filter((node) => node !== first && node.name !== "w1");
  const sockets = others.map(({ socket }) => socket).join(" ");
  press(`${swarmctl} --socket ${first.socket} top ${sockets}; echo code $?`, "Enter");
  await sees(`connected to ${first.name}`);
  await sees(/leader t\d+/);
  press("2");
  await sees(/web .*3\/3/);
  press("S", "5", "Enter");
  await sees("Scale web from 3 to 5?");
  press("y");
  await sees(/web .*5\/5/);
  await first.end("SIGKILL");
  const [one, two] = others.map(({ name }) => name);
  await sees(new RegExp(`connected to (${one}|${two})`));
  press("5");
  await sees(`the connection to ${first.name} is lost`);
  await sees(new RegExp(`(${one}|${two})(/\\d+)? leads term`));
  press("q");
  await sees("code 0");
});

test("what is wrong is said, and the exit code says so too", async () => {
  const { press, sees } = terminal();
  press(`${swarmctl} --context none top; echo code $?`, "Enter");
  await sees("there is no context 'none'");
  await sees("code 2");
  press(`clear; ${swarmctl} top < /dev/null; echo code $?`, "Enter");
  await sees("needs a terminal");
  await sees("code 2");
  const scenario = join(root, "scenarios/partition.ts");
  press(`clear; ${sim} run ${scenario} --tui --json; echo code $?`, "Enter");
  await sees("leave --json out");
  await sees("code 2");
});

test("sim run --tui plays a scenario, and ends as the view ends", async () => {
  const { press, sees } = terminal();
  const scenario = join(root, "scenarios/partition.ts");
  press(`${sim} run ${scenario} --seed 3 --tui; echo code $?`, "Enter");
  await sees("partition, seed 3");
  press("q");
  const left = await sees("code 0");
  expect(left).not.toContain("partition, seed 3,");
});
