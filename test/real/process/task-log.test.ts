import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import type { Timestamp } from "../../../core/base/time.ts";
import type { LogLine, LogOptions } from "../../../real/engine.ts";
import { logBytesMost, TaskLog } from "../../../real/process/task-log.ts";
import { SmallDisk } from "../../support/disks.ts";

// Goal: each line of a plain process has the moment at which it was written, within the bounds of
// the log, whatever becomes of the daemon meanwhile.
// Method: files as processes write them, with moments that are set by hand.

const root = mkdtempSync(join(tmpdir(), "simswarm-task-log-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folder = root;
beforeEach(() => {
  folder = mkdtempSync(join(root, "task-"));
});

const all: LogOptions = { follow: false, tail: null, since: moment(0), until: moment(0) };
const much = 1024 * 1024;

function moment(second: number): Timestamp {
  return (second * 1_000_000) as Timestamp;
}

/** Written all at once, `second` seconds after 1970. */
function write(stream: LogLine["stream"], text: string, second: number): void {
  const path = join(folder, `${stream}.log`);
  appendFileSync(path, text);
  utimesSync(path, second, second);
}

async function read(log: TaskLog, options: Partial<LogOptions> = {}): Promise<string[]> {
  const lines: string[] = [];
  for await (const { at, text } of log.read(() => false, { ...all, ...options })) {
    lines.push(`${at / 1_000_000} ${text}`);
  }
  return lines;
}

/** Four moments on two streams. */
function written(): TaskLog {
  const log = new TaskLog(folder);
  write("stdout", "one\ntwo\nthr", 10);
  log.look(much);
  write("stderr", "oops\n", 11);
  log.look(much);
  write("stdout", "ee\nfour\n", 12);
  log.look(much);
  write("stdout", "five", 13);
  log.look(much);
  return log;
}

describe("a task's log", () => {
  test("has both streams in the order of their moments", async () => {
    expect(await read(written())).toEqual([
      ...["10 one", "10.000001 two", "11.001 oops", "12 three", "12.000001 four", "13 five"],
    ]);
  });

  test.each<[Partial<LogOptions>, string[]]>([
    [{ tail: 0 }, []],
    [{ tail: 1 }, ["13 five"]],
    [{ tail: 4 }, ["11.001 oops", "12 three", "12.000001 four", "13 five"]],
    [{ tail: 3, since: moment(13) }, ["13 five"]],
    [{ since: moment(12) }, ["12 three", "12.000001 four", "13 five"]],
    [{ since: moment(10.000001), until: moment(12) }, ["10.000001 two", "11.001 oops", "12 three"]],
    [{ since: moment(14) }, []],
  ])("is read in part: %o", async (options, expected) => {
    expect(await read(written(), options)).toEqual(expected);
    expect(await read(written(), { tail: 100, ...options, since: moment(99) })).toEqual([]);
  });

  test("is the same for the daemon's next life, and what came meanwhile is of then", async () => {
    const before = await read(written(), { until: moment(12.5) });
    write("stdout", "\nsix\n", 20);
    write("stderr", "seven\n", 21);
    const log = new TaskLog(folder);
    expect(await read(log, { until: moment(12.5) })).toEqual(before);
    expect(await read(log, { since: moment(13) })).toEqual([
      ...["20 five", "20.000001 six", "21.001 seven"],
    ]);
  });

  test("loses the moments of what a crash has left broken, and no lines", async () => {
    written();
    const marks = join(folder, "stdout.times");
    const bytes = readFileSync(marks);
    bytes.fill(0, bytes.length - 24);
    writeFileSync(marks, bytes);
    write("stdout", "\n", 30);
    const lines = await read(new TaskLog(folder));
    expect(lines.slice(0, 3)).toEqual(["10 one", "10.000001 two", "11.001 oops"]);
    expect(lines.slice(3)).toEqual(["30 three", "30.000001 four", "30.000002 five"]);
  });

  test("begins anew when somebody has cut it", async () => {
    const log = written();
    truncateSync(join(folder, "stdout.log"));
    write("stdout", "new\n", 40);
    expect(await read(log)).toEqual(["11.001 oops", "40 new"]);
  });

  test("is followed, by pieces of lines too, until its process has ended", async () => {
    const log = new TaskLog(folder);
    let isRunning = true;
    const heard: string[] = [];
    const following = (async () => {
      for await (const { text } of log.read(() => isRunning, { ...all, follow: true })) {
        heard.push(text);
      }
    })();
    write("stdout", "a\nb", 10);
    await expect.poll(() => heard).toEqual(["a"]);
    log.look(much);
    write("stdout", "c", 11);
    log.look(much);
    write("stdout", "d\n", 12);
    await expect.poll(() => heard).toEqual(["a", "bcd"]);
    write("stderr", "rest", 13);
    isRunning = false;
    await following;
    expect(heard).toEqual(["a", "bcd", "rest"]);
  });

  test("is followed up to a moment", async () => {
    const options = { ...all, follow: true, until: ((Date.now() + 300) * 1_000) as Timestamp };
    for await (const line of written().read(() => true, options)) expect(line.text).toBeTruthy();
    expect(Date.now() * 1_000).toBeGreaterThan(options.until);
  });

  test("cuts lines that never end, at the same places for whoever reads", async () => {
    const log = new TaskLog(folder);
    for (let i = 0; i < 5; i += 1) {
      write("stdout", "x".repeat(300_000), 10 + i);
      log.look(much * 8);
    }
    const lengths = (await read(log)).map((line) => line.split(" ")[1]?.length);
    expect(lengths).toEqual([1_048_576, 451_424]);
  });
});

describe("a log that grows too long", () => {
  /** Blocks on the disk, in bytes. */
  function onDisk(): number {
    return statSync(join(folder, "stdout.log")).blocks * 512;
  }

  test("loses its older half, and not a line of the rest", async () => {
    const log = new TaskLog(folder);
    let count = 0;
    for (let second = 1; second <= 100; second += 1) {
      let text = "";
      for (let i = 0; i < 1_000; i += 1) {
        count += 1;
        text += `line ${count} of many that are written\n`;
      }
      write("stdout", text, second);
      log.look(much);
      if (second % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const lookAgain = () => {
      log.look(much);
      return onDisk();
    };
    await expect.poll(lookAgain).toBeLessThan(much * 1.3);
    for (const reader of [log, new TaskLog(folder)]) {
      const lines = await read(reader);
      expect(lines.length).toBeGreaterThan(10_000);
      const numbers = lines.map((line) => Number(line.split(" ")[2]));
      expect(numbers.at(-1)).toBe(100_000);
      expect(numbers).toEqual(numbers.map((_, i) => 100_001 - numbers.length + i));
      expect(lines.at(-1)).toMatch(/^100\.000999 /);
      expect((await read(reader, { tail: 2 })).map((line) => line.split(" ")[2])).toEqual([
        ...["99999", "100000"],
      ]);
    }
  });

  test("keeps its bound under a flood too", async () => {
    const log = new TaskLog(folder);
    write("stdout", "flood\n".repeat(much), 1);
    log.look(much + 1);
    await expect.poll(onDisk).toBeLessThan(much);
    const left = await read(log);
    expect(left.length).toBeGreaterThan(much / 16);
    expect(new Set(left.map((line) => line.split(" ")[1]))).toEqual(new Set(["flood"]));
  });

  test("is read on by who has begun before", async () => {
    const log = new TaskLog(folder);
    write("stdout", "x\n".repeat(400_000), 1);
    log.look(much);
    const lines = log.read(() => false, all);
    await lines.next();
    write("stdout", "y\n".repeat(400_000), 2);
    log.look(much);
    await expect.poll(onDisk).toBeLessThan(much);
    const left: string[] = [];
    for await (const { text } of lines) left.push(text);
    expect(new Set(left)).toEqual(new Set(["x"]));
    expect((await read(log)).every((line) => /^2\.\d+ y$|^2 y$/.test(line))).toBe(true);
  });

  test("is begun anew where blocks can't be taken away", async () => {
    const path = process.env.PATH;
    process.env.PATH = root;
    try {
      const log = new TaskLog(folder);
      write("stdout", "x\n".repeat(much), 1);
      log.look(much);
      await expect.poll(() => statSync(join(folder, "stdout.log")).size).toBe(0);
      write("stdout", "new\n", 2);
      expect(await read(log)).toEqual(["2 new"]);
    } finally {
      process.env.PATH = path;
    }
  });
});

test("what a full disk does not let it note is noted when there is room", async () => {
  folder = join(root, "small");
  const disk = new SmallDisk(folder, 1);
  try {
    write("stdout", "before\n", 1);
    const log = new TaskLog(folder);
    disk.fill();
    log.look(much);
    expect(await read(log)).toEqual([]);
    disk.empty();
    write("stdout", "after\n", 3);
    expect(await read(log)).toEqual(["3 before", "3.000001 after"]);
    expect(await read(new TaskLog(folder))).toEqual(["3 before", "3.000001 after"]);
    write("stdout", "x\n".repeat(1_000), 4);
    disk.fill();
    log.look(1_000);
    expect((await read(log)).slice(0, 2)).toEqual(["3 before", "3.000001 after"]);
    disk.empty();
    log.look(1_000);
    expect((await read(log))[0]).toMatch(/^4\.\d+ x$|^4 x$/);
  } finally {
    disk.remove();
  }
});

test.each<[string, Record<string, string>, number | string]>([
  ["json-file", { "max-size": "10m", "max-file": "3" }, 30 * much],
  ["local", { "max-size": "1.5k" }, 1_536],
  ["", {}, 16 * much],
  ["none", {}, 0],
  ["syslog", {}, "plain processes have no log driver syslog: use Docker"],
  ["json-file", { tag: "x" }, "plain processes have no log option tag: use Docker"],
  ["json-file", { "max-size": "ten" }, "invalid value for max-size: ten"],
  ["json-file", { "max-file": "0" }, "invalid value for max-file: 0"],
])("driver %s with %o: %s", (name, options, expected) => {
  const limit = () => logBytesMost({ name, options: new Map(Object.entries(options)) });
  if (typeof expected === "number") expect(limit()).toBe(expected);
  else expect(limit).toThrow(expected);
});
