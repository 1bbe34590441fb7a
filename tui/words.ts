import { grouped } from "../core/observe/numbers.ts";

/** Numbers and times as the screen writes them: the same in every locale. */

/** Microseconds as seconds. */
export function secondsText(us: number, digits = 3): string {
  return `${grouped(us / 1_000_000, digits)} s`;
}

/** Microseconds in the unit that suits them. */
export function timeSpan(us: number): string {
  if (us < 1_000) return `${us} us`;
  return us < 1_000_000 ? `${(us / 1_000).toFixed(1)} ms` : secondsText(us, 1);
}

/** CPUs out of billionths: `0.5`, `16`. */
export function cpus(nano: number): string {
  return String(Math.round(nano / 10_000_000) / 100);
}

const units = ["B", "K", "M", "G", "T"];

/** Bytes in at most four letters, powers of 1,024: `256M`, `1.5G`. */
export function bytes(count: number): string {
  let [value, unit] = [count, 0];
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const isShort = value >= 10 || Number.isInteger(value);
  return `${isShort ? Math.round(value) : value.toFixed(1)}${units[unit]}`;
}

/** `0.99` as `99.0 %`; what is not all is never rounded up to all. */
export function percent(share: number): string {
  const rounded = Math.round(share * 1_000) / 10;
  return `${(share < 1 ? Math.min(rounded, 99.9) : rounded).toFixed(1)} %`;
}

/** `0.1x`, `10x`, `max`. */
export function speedWord(speed: number | null): string {
  return speed === null ? "max" : `${speed}x`;
}
