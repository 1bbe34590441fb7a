import { readFileSync } from "node:fs";

/** A process that can't be taken for another one which got its number later. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in ticks since the machine did; 0 where the system does not say. */
  readonly ticks: number;
  /** Which start of the machine that was. */
  readonly boot: string;
}

/** What the shim has written; null when that is nothing whole. */
export function parseIdentity(text: string | null): ProcessIdentity | null {
  const [pid = "", ticks = "", boot = ""] = text?.trim().split(" ") ?? [];
  return boot === "" ? null : { pid: Number(pid), ticks: Number(ticks), boot };
}

/** How a process that was just started is told from later ones with its number. */
export function identityOf(pid: number): ProcessIdentity {
  return { pid, ticks: statOf(pid)?.ticks ?? 0, boot: bootId() };
}

/** Which start of the machine this is. */
export function bootId(): string {
  return readText("/proc/sys/kernel/random/boot_id")?.trim() ?? "none";
}

export function isAlive({ pid, ticks, boot }: ProcessIdentity): boolean {
  if (boot !== bootId()) return false;
  const stat = statOf(pid);
  if (stat !== null) return stat.state !== "Z" && (ticks === 0 || stat.ticks === ticks);
  return ticks === 0 && signalProcess(pid, 0);
}

/** False when there is no such process, or group for a negative number. */
export function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

interface Stat {
  readonly state: string;
  readonly ticks: number;
}

/**
 * See proc(5): fields 3 and 22. The name in brackets may hold anything, so what follows is counted
 * from its end. Null: there is no such process.
 */
export function statOf(pid: number): Stat | null {
  const text = readText(`/proc/${pid}/stat`);
  if (text === null) return null;
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", ticks: Number(fields[22 - 3]) };
}

export function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
