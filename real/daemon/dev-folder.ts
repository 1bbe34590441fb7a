import { lstatSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import {
  identityOf,
  isAlive,
  type ProcessIdentity,
  parseIdentity,
  readText,
  signalProcess,
} from "../process/proc.ts";
import { troubleOf } from "../text-file.ts";
import { removeTasks } from "./remove-tasks.ts";
import { StateDir } from "./state-dir.ts";

const prefix = "swarmd-dev-";
const lookEveryMs = 50;

/** Where a cluster of `swarmd dev` keeps everything, and which processes it is of. */
export class DevFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Of a cluster that this process starts. Throws where it can't be had. */
  static make(): DevFolder {
    try {
      const folder = new DevFolder(mkdtempSync(join(tmpdir(), prefix)));
      writeFileSync(folder.#file, `${namespace()}\n`);
      folder.note(process.pid);
      return folder;
    } catch (error) {
      const reason = `can't make a folder in ${tmpdir()}: ${troubleOf(error)}`;
      throw new Error(`${reason}. TMPDIR may name another`, { cause: error });
    }
  }

  /** Of clusters that nobody stops any more, as their `swarmd dev` was killed. */
  static left(): DevFolder[] {
    const names = readdirSync(tmpdir()).filter((name) => name.startsWith(prefix));
    const paths = names.map((name) => join(tmpdir(), name)).filter(isOwn);
    const folders = paths.map((path) => new DevFolder(path));
    return folders.filter((folder) => {
      const [dev] = folder.#processes;
      return dev !== undefined && !isAlive(dev);
    });
  }

  /** The cluster has one process more. */
  note(pid: number): void {
    const { ticks, boot } = identityOf(pid);
    writeFileSync(this.#file, `${pid} ${ticks} ${boot}\n`, { flag: "a" });
  }

  /** It is to stay, for its user to look into. */
  keep(): void {
    rmSync(this.#file, { force: true });
  }

  /** With all that runs of the cluster, if its nodes have not ended. */
  async remove(): Promise<void> {
    const [, ...nodes] = this.#processes;
    for (const node of nodes) if (isAlive(node)) signalProcess(node.pid, "SIGKILL");
    while (nodes.some(isAlive)) await pause(lookEveryMs);
    const entries = readdirSync(this.path, { withFileTypes: true });
    for (const { name } of entries.filter((entry) => entry.isDirectory())) {
      await removeTasks(new StateDir(join(this.path, name)));
    }
    rmSync(this.path, { recursive: true, force: true });
  }

  /** The one that started it is the first. None: of other namespaces nothing can be said. */
  get #processes(): ProcessIdentity[] {
    const [of, ...lines] = readText(this.#file)?.split("\n") ?? [];
    if (of !== namespace()) return [];
    return lines.map(parseIdentity).filter((each) => each !== null);
  }

  get #file(): string {
    return join(this.path, "processes");
  }
}

/** Others may write to `/tmp`, and must not say which processes this user is to end. */
function isOwn(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined || !found.isDirectory()) return false;
  return found.uid === userInfo().uid && (found.mode & 0o022) === 0;
}

/** In which a process has its number: containers may share a folder, and not see each other's. */
function namespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "none";
  }
}
