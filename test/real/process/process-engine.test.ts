import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ms, seconds, type Timestamp } from "../../../core/base/time.ts";
import type { ContainerSpec } from "../../../core/model/container-spec.ts";
import type { Task } from "../../../core/model/task.ts";
import { otherUser } from "../../../real/process/plan.ts";
import { ProcessEngine } from "../../../real/process/process-engine.ts";
import { RealRig, withContainer } from "../../ports/real-rig.ts";

// Goal: a task's processes are what it says, as far as plain processes can be.

const folder = mkdtempSync(join(tmpdir(), "simswarm-process-"));
let rig: RealRig;
beforeAll(async () => {
  rig = await RealRig.start(() => new ProcessEngine({ folder, nodeId: `process${process.pid}` }));
});
afterAll(async () => {
  await rig.close();
  rmSync(folder, { recursive: true, force: true });
});

function printed(line: string, spec: Partial<ContainerSpec> = {}) {
  return rig.printed(line, (task) => withContainer(task, spec));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe.runIf(process.getuid?.() === 0)("a daemon that is not root", () => {
  const nobody = 65_534;
  function askedFor(user: string): unknown {
    process.seteuid?.(nobody);
    try {
      return otherUser(user);
    } finally {
      process.seteuid?.(0);
    }
  }

  test("starts what its own user is to run as it is, and nothing of others", () => {
    expect(["", "nobody", String(nobody), `nobody:${process.getegid?.()}`].map(askedFor)).toEqual([
      null,
      null,
      null,
      null,
    ]);
    const refused = "only root can start processes of user";
    for (const user of ["root", "nobody:7"]) {
      expect(() => askedFor(user)).toThrow(`${refused} ${user}`);
    }
  });
});

describe("a task's processes", () => {
  test("have the program, the environment and the place that they should", async () => {
    const line = 'echo "$0 $1 $A $HOME $TASK_NAME"; pwd; echo err >&2';
    const spec = { command: ["/bin/sh", "-c", line], args: ["x", "y"], env: ["A=1 2", "HOME"] };
    const said = await printed(line, { ...spec, dir: "/tmp" });
    expect(said).toEqual(["x y 1 2  web.1", "/tmp", "err"]);
  });

  test("find their secrets below TASK_FILES, in memory", async () => {
    const file = { uid: "0", gid: "0", mode: 0o400, data: "aGVsbG8=" };
    const files = [
      { target: "/run/secrets/key", ...file },
      { target: "../plan.json", ...file },
    ];
    const line =
      'cat "$TASK_FILES/run/secrets/key"; echo; stat -fL -c %T "$TASK_FILES/run/secrets/key"; ' +
      'cat "$TASK_FILES/plan.json"; echo; head -c 1 plan.json';
    const said = ["hello", "tmpfs", "hello", "{"];
    expect(await rig.printed(line, (task) => task, files)).toEqual(said);
  });

  test("are limited as far as the system does", async () => {
    const ulimits = [{ name: "nofile", soft: 55, hard: 66 }];
    expect(await printed("ulimit -Sn; ulimit -Hn", { ulimits })).toEqual(["55", "66"]);
  });

  test.runIf(process.getuid?.() === 0)("can be another user's", async () => {
    expect(await printed("id -u; id -g", { user: "nobody:7" })).toEqual(["65534", "7"]);
  });

  test.runIf(process.getuid?.() === 0)(
    "of another user reach their files, and nobody else does",
    async () => {
      const file = (target: string, uid: string, gid: string, mode: number) => {
        return { target, uid, gid, mode, data: "aGVsbG8=" };
      };
      const files = [
        file("all", "0", "0", 0o444),
        file("own", "65534", "0", 0o400),
        file("group", "0", "7", 0o640),
        file("others", "1", "1", 0o400),
      ];
      const line =
        'cd "$TASK_FILES"; for name in all own group others; do cat $name && echo; done 2>&1; ' +
        'stat -Lc "%a %U" all own group others; stat -c "%a %U" . .. ../..';
      const said = await rig.printed(
        line,
        (task) => withContainer(task, { user: "nobody:7" }),
        files,
      );
      expect(said).toEqual([
        ...["hello", "hello", "hello", "cat: others: Permission denied"],
        ...["400 nobody", "400 nobody", "400 nobody", "0 root"],
        ...["711 root", "711 root", "711 root"],
      ]);
    },
  );

  test.runIf(process.getuid?.() === 0)("have their environment as their user only", async () => {
    const bin = join(folder, "bin");
    const marks = join(folder, "marks");
    mkdirSync(bin);
    mkdirSync(marks);
    for (const program of ["setpriv", "prlimit", "mkdir", "mv"]) {
      const own = `#!/bin/sh\n>${marks}/${program}\nexec /usr/bin/${program} "$@"\n`;
      writeFileSync(join(bin, program), own, { mode: 0o755 });
    }
    const span = { interval: ms(10), timeout: ms(9_000), startPeriod: ms(0) };
    const health = { test: ["CMD", "true"], retries: 1, ...span };
    const ulimits = [{ name: "nofile", soft: 55, hard: 66 }];
    const env = [`PATH=${bin}:/usr/bin:/bin`, "A='$B\"", "PATHS=1"];
    const spec = { user: "nobody", ulimits, env, health };
    rig.remove(await rig.running("environment", spec));
    expect(readdirSync(marks)).toEqual([]);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's.
    const line = 'echo "$A $PATHS ${SETTING_-none} ${SETTING_A-none}"';
    expect(await printed(line, { env })).toEqual(["'$B\" 1 none none"]);
  });

  test.runIf(process.getuid?.() === 0)("are checked as their user", async () => {
    const span = { interval: ms(10), timeout: ms(9_000), startPeriod: ms(0) };
    const health = { test: ["CMD-SHELL", "test $(id -u) = 65534"], retries: 1, ...span };
    const task = await rig.running("user", { user: "nobody", health });
    rig.remove(task);
  });

  test("write what nobody else reads", async () => {
    expect(await printed("stat -c %a stdout.log stderr.log")).toEqual(["600", "600"]);
  });

  test("go all together, whoever began them", async () => {
    const command = ["/bin/sh", "-c", "trap 'exit 0' TERM; sleep 301 & echo $!; wait"];
    const task = await rig.running("group", { command });
    const log = join(folder, task.id, "stdout.log");
    await rig.until(() => readFileSync(log, "utf8").includes("\n"));
    const child = Number(readFileSync(log, "utf8"));
    expect(isAlive(child)).toBe(true);
    const grace = task.spec.container.stopGracePeriod;
    const stopped = await rig.step({ kind: "shutdown", task: task.id, grace }, "stopped");
    expect(stopped).toMatchObject({ exitCode: 0 });
    await rig.until(() => !isAlive(child));
    rig.remove(task);
    expect(existsSync(join(folder, task.id))).toBe(false);
  });

  test("that somebody else kills have ended", async () => {
    const task = await rig.running("victim");
    const shim = Number(readFileSync(join(folder, task.id, "shim"), "utf8").split(" ")[0]);
    process.kill(shim, "SIGKILL");
    expect(await rig.hears(task.id, ["exited"])).toMatchObject({ exitCode: 137 });
    rig.remove(task);
  });

  test("are given time to end however long that is", async () => {
    const task = await rig.running("patient", {
      command: ["/bin/sh", "-c", "trap : TERM; echo deaf; while :; do sleep 0.05; done"],
    });
    const log = join(folder, task.id, "stdout.log");
    await rig.until(() => readFileSync(log, "utf8").includes("deaf"));
    rig.execute({ kind: "shutdown", task: task.id, grace: seconds(90 * 24 * 3600) });
    await rig.quiet();
    const shim = Number(readFileSync(join(folder, task.id, "shim"), "utf8").split(" ")[0]);
    expect(isAlive(shim)).toBe(true);
    rig.remove(task);
  });
});

test("a service without a command runs the program that its image is called after", async () => {
  const named = (task: Task) => withContainer(task, { image: "registry/echo:1", command: [] });
  const said = await rig.printed("", (task) => withContainer(named(task), { args: ["hi"] }));
  expect(said).toEqual(["hi"]);
});

/** Beyond it numbers are root's, or of whoever starts the program. */
const idRange = "uids and gids must be in range 0-2147483647";

test.each<[string, Partial<ContainerSpec>]>([
  [
    "plain processes have no mounts, so there is no /data: use Docker",
    { mounts: [{ kind: "tmpfs", source: "", target: "/data", readOnly: false }] },
  ],
  ["unable to find user ghost: no matching entries in passwd file", { user: "ghost" }],
  [`${idRange}: 4294967295`, { user: "4294967295" }],
  [`${idRange}: nobody:4294967296`, { user: "nobody:4294967296" }],
  ["Invalid signal: SIGNONE", { stopSignal: "SIGNONE" }],
])("a task is refused: %s", async (error, spec) => {
  const task = withContainer(rig.task("refused", "runs"), spec);
  expect(await rig.prepare(task)).toMatchObject({ kind: "failed", error, temporary: false });
  rig.remove(task);
});

// What the system takes no such command for is the task's failure, and not the node's.
test.each<[string, Partial<ContainerSpec>]>([
  ["environment is too long", { env: [`A=${"x".repeat(200_000)}`] }],
  ["environment is cut short by a zero", { env: ["A=x\0y"] }],
  ["folder has too long a name", { dir: `/tmp/${"x".repeat(300)}` }],
  ["folder is cut short by a zero", { dir: "/tmp\0x" }],
])("a program whose %s does not start", async (_, spec) => {
  const task = withContainer(rig.task("strange", "runs"), spec);
  await rig.prepare(task);
  const answer = await rig.step({ kind: "start", task: task.id }, "failed", "exited");
  expect(answer).toMatchObject({ kind: "failed", step: "start", temporary: false });
  rig.remove(task);
});

test.each([[[""]], [["true\0"]]])("a health check by %j finds nothing healthy", async (words) => {
  const span = { interval: ms(10), timeout: ms(1_000), startPeriod: ms(0) };
  const health = { test: ["CMD", ...words], retries: 2, ...span };
  const task = withContainer(rig.task("checked", "runs"), { health });
  await rig.prepare(task);
  expect(await rig.step({ kind: "start", task: task.id }, "unhealthy", "started")).toMatchObject({
    kind: "unhealthy",
  });
  rig.remove(task);
});

/** What a daemon that starts finds of the task, beside what others may have left. */
function ended({ id }: Task, exitCode: number | null): unknown {
  return expect.objectContaining({ task: id, state: "ended", exitCode });
}

/** A task whose program has begun, so that its shim has written all that it writes by itself. */
async function begun(name: string): Promise<Task> {
  const task = await rig.running(name, { command: ["/bin/sh", "-c", "echo begun; sleep 300"] });
  const log = join(folder, task.id, "stdout.log");
  await rig.until(() => readFileSync(log, "utf8").includes("begun"));
  return task;
}

test("a daemon that starts takes no number of a process for the process", async () => {
  const task = await begun("reused");
  const shim = join(folder, task.id, "shim");
  const [pid, , boot] = readFileSync(shim, "utf8").trim().split(" ");
  const found = await rig.restart(async () => writeFileSync(shim, `${pid} 1 ${boot}`));
  expect(found).toContainEqual(ended(task, 137));
  process.kill(-Number(pid), "SIGKILL");
  rig.remove(task);
});

test("a daemon that starts ends what is left of a task whose first process is gone", async () => {
  const task = await begun("orphan");
  const [shim, program] = ["shim", "pid"].map((name) =>
    Number.parseInt(readFileSync(join(folder, task.id, name), "utf8"), 10),
  ) as [number, number];
  const found = await rig.restart(async () => {
    process.kill(shim, "SIGKILL");
    await rig.until(() => !isAlive(shim));
    expect(isAlive(program)).toBe(true);
  });
  expect(found).toContainEqual(ended(task, 137));
  await rig.until(() => !isAlive(program));
  rig.remove(task);
});

test("a task that went with its machine has no exit code", async () => {
  const task = await begun("rebooted");
  const shim = join(folder, task.id, "shim");
  const [pid, ticks] = readFileSync(shim, "utf8").trim().split(" ");
  const found = await rig.restart(async () => writeFileSync(shim, `${pid} ${ticks} before`));
  expect(found).toContainEqual(ended(task, null));
  process.kill(-Number(pid), "SIGKILL");
  rig.remove(task);
});

describe("what a task writes", () => {
  const all = { follow: false, tail: null, since: 0 as Timestamp, until: 0 as Timestamp };

  async function lines(task: Task) {
    const found = [];
    for await (const line of rig.engine.logs(task.id, all)) found.push(line);
    return found;
  }

  test("has its moments, also what came while the daemon was away", async () => {
    const script = "echo one; sleep 0.4; echo two; sleep 0.4; echo three; sleep 300";
    const begun = Date.now() * 1_000;
    const task = await rig.running("stamps", { command: ["/bin/sh", "-c", script] });
    const written = () => readFileSync(join(folder, task.id, "stdout.log"), "utf8");
    await rig.until(() => written().startsWith("one\n"));
    let seen = 0;
    await rig.restart(async () => {
      await rig.until(() => written().includes("two\n"));
      seen = (Date.now() * 1_000 - begun) / 1_000_000;
      await new Promise((resolve) => setTimeout(resolve, 300));
    });
    await rig.until(() => written().includes("three\n"));
    const found = await lines(task);
    expect(found.map(({ text }) => text)).toEqual(["one", "two", "three"]);
    const [one, two, three] = found.map(({ at }) => (at - begun) / 1_000_000) as number[];
    expect(one).toBeGreaterThan(-0.02);
    expect((two as number) - (one as number)).toBeGreaterThan(0.1);
    expect(two as number).toBeLessThan(seen + 0.1);
    expect(three as number).toBeGreaterThan(two as number);
    expect(await lines(task)).toEqual(found);
    rig.remove(task);
  });

  test("is kept nowhere with driver none, which is said", async () => {
    const task = rig.task("silent", "runs");
    const logDriver = { name: "none", options: new Map() };
    await rig.prepare({ ...task, spec: { ...task.spec, logDriver } });
    await rig.step({ kind: "start", task: task.id }, "started");
    expect(existsSync(join(folder, task.id, "stdout.log"))).toBe(false);
    await expect(lines(task)).rejects.toThrow("configured logging driver does not support reading");
    rig.remove(task);
  });
});

test.runIf(process.getuid?.() === 0)("what can't be removed of a task ends no node", async () => {
  const task = await begun("mounted");
  const busy = join(folder, task.id, "busy");
  mkdirSync(busy);
  execFileSync("mount", ["-t", "tmpfs", "none", busy]);
  try {
    rig.remove(task);
    expect(existsSync(busy)).toBe(true);
    expect(JSON.stringify(await rig.restart())).not.toContain(task.id);
  } finally {
    execFileSync("umount", [busy]);
  }
  await rig.restart();
  expect(existsSync(join(folder, task.id))).toBe(false);
});

test("what a machine that lost its power has left keeps no node from starting", async () => {
  const tasks = mkdtempSync(join(folder, "power-"));
  const left = (task: string, name: string, text: string) => {
    mkdirSync(join(tasks, task), { recursive: true });
    writeFileSync(join(tasks, task, name), text);
  };
  left("unplanned", "plan.json", "");
  left("ended", "plan.json", JSON.stringify({ program: ["true"], wrapper: [], env: {} }));
  left("ended", "shim", "999999999 1 an-earlier-boot");
  left("ended", "exit", "");
  const engine = new ProcessEngine({ folder: tasks, nodeId: "power" });
  const found = await engine.existing();
  expect(found).toMatchObject([{ task: "ended", state: "ended", exitCode: null }]);
  expect(existsSync(join(tasks, "unplanned"))).toBe(false);
  await engine.close();
});
