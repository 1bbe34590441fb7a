import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { constants as os } from "node:os";
import { isAbsolute, join } from "node:path";
import type { HealthConfig } from "../../core/model/container-spec.ts";
import type { HostPort } from "../../core/model/endpoint.ts";
import { logDriverOf, resourceVariables, type Task } from "../../core/model/task.ts";
import { isFolder } from "../folder.ts";
import type { Reader } from "../memory-files.ts";
import { ownPath, type Setting } from "./as-task.ts";
import { logBytesMost } from "./task-log.ts";

/** What is started for a task; kept on the disk for the daemon's next life. */
export interface Plan extends Setting {
  readonly program: readonly string[];
  readonly health: HealthConfig | null;
  readonly stopSignal: NodeJS.Signals;
  /** Bytes of its log that are kept; 0: none is. Left out by earlier versions. */
  readonly logBytesMost?: number;
  /** It listens on its ports itself. Left out by earlier versions. */
  readonly hostPorts?: readonly HostPort[];
}

/** Where the task's files are, for its program: a secret's path is below it. */
const filesVariable = "TASK_FILES";

/** The task's own, and that below which its files are. */
export interface TaskFolders {
  readonly own: string;
  readonly files: string;
}

/**
 * What the task asks for, as processes of this machine. Throws an `Error` that says what plain
 * processes can't have.
 */
export function planOf(task: Task, folders: TaskFolders): Plan {
  const { spec, id, name, ports } = task;
  const { container, limits } = spec;
  const [mount] = container.mounts;
  if (mount !== undefined) {
    throw new Error(`plain processes have no mounts, so there is no ${mount.target}: use Docker`);
  }
  const own = { [filesVariable]: folders.files, TASK_ID: id, TASK_NAME: name };
  const given = Object.fromEntries(resourceVariables(task));
  const env = environment(container.env, { ...own, ...given });
  return {
    wrapper: [...limiting(container.ulimits, limits.memoryBytes), ...becoming(container.user)],
    program: programOf(spec, env),
    env,
    dir: container.dir === "" ? folders.own : container.dir,
    health: container.health?.test[0] === "NONE" ? null : container.health,
    stopSignal: signalOf(container.stopSignal),
    logBytesMost: logBytesMost(logDriverOf(task)),
    hostPorts: ports.map(({ protocol, targetPort }) => {
      return { protocol, targetPort, hostPort: targetPort };
    }),
  };
}

/** Whether the program can be started at all, as an error in words; null when it can. */
export function whyNotStartable({ program, env, dir }: Plan): string | null {
  if (!isFolder(dir)) return `no such directory: ${dir}`;
  const [name = ""] = program;
  return findProgram(name, env) === null ? `exec: "${name}": executable file not found` : null;
}

/**
 * The command and its arguments; without a command the program that is called as the image is:
 * there are no images here, and `redis-server:7` says clearly enough what is wanted.
 */
function programOf({ container }: Task["spec"], env: Plan["env"]): readonly string[] {
  if (container.command.length > 0) return [...container.command, ...container.args];
  const name = (container.image.split("@")[0]?.split("/").pop() ?? "").split(":")[0] ?? "";
  if (findProgram(name, env) !== null) return [name, ...container.args];
  throw new Error(
    `No such image: ${container.image}: plain processes have none, and there is no program ` +
      `${name} on this node; give the service a command, or use Docker`,
  );
}

/** The system's own limits, for a group that starts with them. */
function limiting(ulimits: Task["spec"]["container"]["ulimits"], memoryBytes: number): string[] {
  const asked = ulimits.map(({ name, soft, hard }) => `--${name}=${amount(soft)}:${amount(hard)}`);
  if (memoryBytes > 0) asked.push(`--data=${memoryBytes}`);
  if (asked.length === 0) return [];
  return needed("prlimit", "limits", [...asked, "--"]);
}

function becoming(user: string): string[] {
  const other = otherUser(user);
  if (other === null) return [];
  const options = [`--reuid=${other.uid}`, `--regid=${other.gid}`, "--clear-groups", "--"];
  return needed("setpriv", "other users", options);
}

function needed(program: string, what: string, options: string[]): string[] {
  if (findProgram(program, { PATH: ownPath() }) !== null) return [program, ...options];
  throw new Error(`${what} need the program ${program}, which this node does not have`);
}

function amount(limit: number): string {
  return limit === -1 ? "unlimited" : String(limit);
}

function environment(
  asked: readonly string[],
  own: Readonly<Record<string, string>>,
): Record<string, string> {
  const { HOME = "/" } = process.env;
  const env: Record<string, string> = { PATH: ownPath(), HOME, ...own };
  for (const entry of asked) {
    const at = entry.indexOf("=");
    if (at < 0) delete env[entry];
    else env[entry.slice(0, at)] = entry.slice(at + 1);
  }
  return env;
}

/**
 * `text` is a name or a number, perhaps with a group; empty: the daemon's own user. Null: nobody
 * has to be made another. Throws where there is no such user, or only root can be it.
 */
export function otherUser(text: string): Reader | null {
  if (text === "") return null;
  const [name = "", group] = text.split(":");
  const entry = entriesOf("/etc/passwd").find(([user, , uid]) => user === name || uid === name);
  const uid = /^\d+$/.test(name) ? Number(name) : entry?.[2];
  const gid = group === undefined ? (entry?.[3] ?? uid) : groupOf(group);
  if (uid === undefined || gid === undefined) {
    throw new Error(`unable to find user ${text}: no matching entries in passwd file`);
  }
  if (Number(uid) > idMost || Number(gid) > idMost) {
    throw new Error(`uids and gids must be in range 0-${idMost}: ${text}`);
  }
  if (process.geteuid?.() === 0) return { uid: Number(uid), gid: Number(gid) };
  const isOwnGroup = group === undefined || Number(gid) === process.getegid?.();
  if (Number(uid) === process.geteuid?.() && isOwnGroup) return null;
  throw new Error(`only root can start processes of user ${text}`);
}

/** As Docker has it. The system takes the highest number for the user that there is already. */
const idMost = 2 ** 31 - 1;

function groupOf(text: string): string | undefined {
  if (/^\d+$/.test(text)) return text;
  return entriesOf("/etc/group").find(([group]) => group === text)?.[2];
}

function entriesOf(path: string): string[][] {
  return readFileSync(path, "utf8")
    .split("\n")
    .map((line) => line.split(":"));
}

function signalOf(text: string): NodeJS.Signals {
  if (text === "") return "SIGTERM";
  const known = Object.entries(os.signals) as [NodeJS.Signals, number][];
  const name = text.toUpperCase().replace(/^(?!SIG)/, "SIG");
  const found = known.find(([signal, number]) => signal === name || String(number) === text);
  if (found === undefined) throw new Error(`Invalid signal: ${text}`);
  return found[0];
}

function findProgram(name: string, { PATH = "" }: Plan["env"]): string | null {
  if (name === "") return null;
  const places = name.includes("/") ? [name] : PATH.split(":").map((each) => join(each, name));
  return places.find((place) => isAbsolute(place) && isExecutable(place)) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
