import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import type { ContainerFile, ExistingContainer } from "../core/agent/executor-request.ts";

/** `statfs` types of file systems that never touch a disk: tmpfs and ramfs. */
const memoryTypes: readonly number[] = [0x0102_1994, 0x8584_58f6];

/** A file of this machine that a task sees at `target`. */
export interface PlacedFile {
  readonly source: string;
  readonly target: string;
}

/** A user of this machine, by numbers. */
export interface Reader {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Secrets and configs of tasks as files, in memory only: a folder a task, below one folder of the
 * node's on a tmpfs. They outlive the daemon, as its containers do, and go with the machine.
 */
export class MemoryFiles {
  readonly #folder: string;
  readonly #write: (path: string, file: ContainerFile) => void;

  /**
   * `name` is the node's own. Nothing is made before there is something to put. `readers` are
   * whom files name, or, unless this is root, whoever the daemon runs as.
   */
  constructor(name: string, readers: "named" | "own") {
    this.#folder = join(memoryRoot(), name);
    this.#write = readers === "own" && userInfo().uid !== 0 ? write : give;
  }

  /**
   * `reader`: who alone is to reach them, and reads what somebody of these numbers may; null: a
   * container, or a process of the daemon's own user. Throws when there is no memory to put them
   * into, or they can't belong to whom they should.
   */
  put(task: string, files: readonly ContainerFile[], reader: Reader | null = null): PlacedFile[] {
    if (files.length === 0) return [];
    const root = memoryRoot();
    if (!isInMemory(dirname(root))) {
      throw new Error(`secrets are kept in memory only, and ${dirname(root)} is not on a tmpfs`);
    }
    makeOwn(root);
    const folder = join(this.#folder, task);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (reader !== null) for (const each of [root, this.#folder, folder]) chmodSync(each, 0o711);
    return files.map((file, number) => {
      const source = join(folder, String(number));
      if (reader === null) this.#write(source, file);
      else giveAlone(source, file, reader);
      return { source, target: file.target };
    });
  }

  /** The files again, by links at their targets below one folder, which no name leads out of. */
  link(task: string, placed: readonly PlacedFile[]): void {
    const tree = this.treeOf(task);
    rmSync(tree, { recursive: true, force: true });
    for (const { source, target } of placed) {
      const path = join(tree, join("/", target));
      makeSearchable(tree, dirname(path));
      rmSync(path, { force: true });
      symlinkSync(source, path);
    }
  }

  /** The folder of those links. */
  treeOf(task: string): string {
    return join(this.#folder, task, "files");
  }

  remove(task: string): void {
    rmSync(join(this.#folder, task), { recursive: true, force: true });
  }

  /** Removes what is there of any other task, or of one that has ended; all where none is left. */
  keepFor(containers: readonly ExistingContainer[]): void {
    const left = containers.filter(({ state }) => state !== "ended");
    const tasks = new Set(left.map(({ task }) => task));
    for (const task of this.#tasks()) if (!tasks.has(task)) this.remove(task);
    if (tasks.size === 0) rmSync(this.#folder, { recursive: true, force: true });
  }

  #tasks(): string[] {
    try {
      return readdirSync(this.#folder);
    } catch {
      return [];
    }
  }
}

/** The machine's own folder for it, where that is in memory; else what every Linux has. */
function memoryRoot(): string {
  const { uid } = userInfo();
  if (uid === 0 && isInMemory("/run")) return "/run/simswarm";
  return `/dev/shm/simswarm-${uid}`;
}

function isInMemory(folder: string): boolean {
  try {
    return memoryTypes.includes(statfsSync(folder).type);
  } catch {
    return false;
  }
}

/** Others may write to `/dev/shm`: a folder that one of them has made is not used. */
function makeOwn(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  if (uid === userInfo().uid && (mode & 0o066) === 0) return;
  throw new Error(`${folder} must belong to the daemon's user, and others may not read or write`);
}

/** The folder and those between it and `top`: whoever knows what is in them finds it. */
function makeSearchable(top: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (let each = folder; each.startsWith(top); each = dirname(each)) chmodSync(each, 0o711);
}

/** In the place of what an earlier request has put there: that may be for nobody to write to. */
function write(path: string, { data, mode }: ContainerFile): void {
  rmSync(path, { force: true });
  writeFileSync(path, Buffer.from(data, "base64"), { mode: 0o600 });
  chmodSync(path, mode);
}

function give(path: string, file: ContainerFile): void {
  write(path, file);
  try {
    chownSync(path, Number(file.uid), Number(file.gid));
  } catch {
    if (isReadableAsItIs(file)) return;
    const whose = `${file.target} is for user ${file.uid} alone`;
    const why = "swarmd, which is not root, can't give it to another user";
    throw new Error(`${whose}, and ${why}: run it with CAP_CHOWN, or give the file mode 0444`);
  }
}

/**
 * For this user, who may read it if its mode says so: others may go through the folders. Their
 * owner is root, so that nothing in them is ever another file than it was.
 */
function giveAlone(path: string, file: ContainerFile, { uid, gid }: Reader): void {
  const shift = Number(file.uid) === uid ? 6 : Number(file.gid) === gid ? 3 : 0;
  const may = (file.mode >> shift) & 0o7;
  write(path, { ...file, mode: may << 6 });
  if ((may & 0o4) !== 0) chownSync(path, uid, gid);
}

/** A container's root reads what belongs to anybody. */
function isReadableAsItIs({ uid, gid, mode }: ContainerFile): boolean {
  const own = userInfo();
  if (Number(uid) === 0 || Number(uid) === own.uid || (mode & 0o004) !== 0) return true;
  return Number(gid) === own.gid && (mode & 0o040) !== 0;
}
