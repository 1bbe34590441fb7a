import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What fills a disk. */
const filler = "filler";

/** A file system of its own, in memory, that holds so much. Needs root. */
export class SmallDisk {
  readonly #folder = mkdtempSync(join(tmpdir(), "small-disk-"));

  /** `link` will lead there. */
  constructor(link: string, megabytes: number) {
    run("mount", "-t", "tmpfs", "-o", `size=${megabytes}m,mode=700`, "tmpfs", this.#folder);
    symlinkSync(this.#folder, link);
  }

  /** Not a byte more goes onto it. */
  fill(): void {
    fill(this.#folder);
  }

  grow(megabytes: number): void {
    run("mount", "-o", `remount,size=${megabytes}m`, this.#folder);
  }

  empty(): void {
    empty(this.#folder);
  }

  remove(): void {
    run("umount", "--lazy", this.#folder);
    rmdirSync(this.#folder);
  }
}

/**
 * A file system of its own whose power can be cut: then nothing is left but what was synced, as the
 * rest has reached no more than the kernel's memory. Needs root.
 */
export class VolatileDisk {
  readonly #folder: string;
  #image: string;
  #kept = 0;

  /** `folder` is made, and is where the file system is. */
  constructor(folder: string, megabytes: number) {
    this.#folder = folder;
    this.#image = `${folder}.image`;
    mkdirSync(folder);
    writeFileSync(this.#image, "");
    truncateSync(this.#image, megabytes * 1024 * 1024);
    run("mkfs.ext4", "-q", "-F", this.#image);
    this.#mount();
  }

  /** Not a byte more goes onto it, until it is empty or has lost its power. */
  fill(): void {
    fill(this.#folder);
  }

  empty(): void {
    empty(this.#folder);
  }

  /** What a loss of power at this moment would leave. Whoever writes must be at rest meanwhile. */
  keep(): string {
    this.#kept += 1;
    const kept = `${this.#folder}.image-${this.#kept}`;
    copyFileSync(this.#image, kept);
    return kept;
  }

  /**
   * The disk is as it was kept, which is done once, and begins with the repair that a loss of power
   * calls for. The kernel may remember what was in a file that was mounted, so it is another one.
   */
  goBack(kept: string): void {
    run("umount", this.#folder);
    rmSync(this.#image);
    this.#image = kept;
    this.#mount();
    this.empty();
  }

  remove(): void {
    run("umount", "--lazy", this.#folder);
    rmdirSync(this.#folder);
  }

  #mount(): void {
    run("mount", "-o", "loop,noatime,commit=600", this.#image, this.#folder);
  }
}

function fill(folder: string): void {
  spawnSync("dd", ["if=/dev/zero", `of=${join(folder, filler)}`, "bs=4k"], { stdio: "ignore" });
}

function empty(folder: string): void {
  rmSync(join(folder, filler), { force: true });
}

/** All threads of a stopped process are stopped, and none waits for the disk any more. */
export function isAtRest(pid: number): boolean {
  return [...threadStates(pid).values()].every((state) => state === "T");
}

/** Of a process's threads, by their numbers, as proc(5) has them: R runs, D waits for a disk. */
export function threadStates(pid: number): ReadonlyMap<number, string> {
  const threads = readdirSync(`/proc/${pid}/task`).map((thread): [number, string] => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8");
    return [Number(thread), stat.slice(stat.lastIndexOf(")")).charAt(2)];
  });
  return new Map(threads);
}

/** Makes the disk slow for some processes: the kernel lets so many writes a second through. */
export class SlowDisk {
  static #count = 0;
  readonly #group: string;

  /** `folder` is on the disk. */
  constructor(folder: string, writesPerSecond: number) {
    const device = deviceOf(folder);
    const [first, file, limit] = existsSync("/sys/fs/cgroup/blkio")
      ? ["/sys/fs/cgroup/blkio", "blkio.throttle.write_iops_device", `${writesPerSecond}`]
      : ["/sys/fs/cgroup", "io.max", `wiops=${writesPerSecond}`];
    SlowDisk.#count += 1;
    this.#group = join(first, `simswarm-slow-${process.pid}-${SlowDisk.#count}`);
    if (file === "io.max") writeFileSync(join(first, "cgroup.subtree_control"), "+io");
    mkdirSync(this.#group);
    writeFileSync(join(this.#group, file), `${device} ${limit}`);
  }

  slow(pid: number): void {
    writeFileSync(join(this.#group, "cgroup.procs"), `${pid}`);
  }

  /** Those that were slowed go on as before. */
  remove(): void {
    const first = join(this.#group, "..", "cgroup.procs");
    const pids = readFileSync(join(this.#group, "cgroup.procs"), "utf8").split("\n");
    for (const pid of pids) if (pid !== "") writeFileSync(first, pid);
    rmdirSync(this.#group);
  }
}

/** `major:minor` of the whole disk that the folder is on. */
function deviceOf(folder: string): string {
  const { dev } = statSync(folder);
  const [major, minor] = [(dev >> 8) & 0xfff, (dev & 0xff) | ((dev >> 12) & 0xfff00)];
  const place = `/sys/dev/block/${major}:${minor}`;
  if (!existsSync(place)) throw new Error(`${folder} is on no disk that can be made slow`);
  const disk = existsSync(join(place, "partition")) ? join(realpathSync(place), "..") : place;
  return readFileSync(join(disk, "dev"), "utf8").trim();
}

function run(command: string, ...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (status === 0) return;
  throw new Error(`'${command} ${args.join(" ")}' failed: ${error?.message ?? stderr.trim()}`);
}
