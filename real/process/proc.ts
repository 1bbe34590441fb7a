import { readdirSync, readFileSync } from "node:fs";

/** A process that can't be taken for another one which got its number later. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in ticks since the machine did; 0 where the system does not say. */
  readonly ticks: number;
  /** Which start of the machine that was. */
  readonly boot: string;
}

const ticksPerSecond = 100;
const pageBytes = 4096;

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

/** What all processes of a group use together. */
export function usageOf(group: number): { cpuNanos: number; memoryBytes: number; pids: number } {
  const stats = pids().flatMap((pid) => statOf(pid) ?? []);
  const own = stats.filter((stat) => stat.group === group && stat.pid !== group);
  const sum = (part: (stat: Stat) => number) => own.reduce((total, stat) => total + part(stat), 0);
  return {
    cpuNanos: sum(({ cpuTicks }) => cpuTicks) * (1_000_000_000 / ticksPerSecond),
    memoryBytes: sum(({ pages }) => pages) * pageBytes,
    pids: own.length,
  };
}

interface Stat {
  readonly pid: number;
  readonly state: string;
  readonly group: number;
  readonly cpuTicks: number;
  readonly ticks: number;
  readonly pages: number;
}

/** See proc(5); the name in brackets may hold anything, so what follows is counted from its end. */
function statOf(pid: number): Stat | null {
  const text = readText(`/proc/${pid}/stat`);
  if (text === null) return null;
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const field = (number: number) => Number(fields[number - 3]);
  return {
    pid,
    state: fields[0] ?? "",
    group: field(5),
    cpuTicks: field(14) + field(15),
    ticks: field(22),
    pages: field(24),
  };
}

function pids(): number[] {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

export function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
