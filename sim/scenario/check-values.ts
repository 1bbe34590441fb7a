import { z } from "zod";
import { type Complaint, shown } from "./check-problem.ts";
import { parseMemory, parseSpan } from "./units.ts";

/**
 * The single values of a scenario. What is of the right type but makes no sense is reported as a
 * `custom` issue, so that the rest of the scenario can still be checked beside it.
 */

/** What is wrong with a value of the right type. */
type Judge<T> = (value: T) => Complaint | null;

const yearUs = 365 * 24 * 3_600_000_000;
const spanHelp = "write a number and its unit: 250us, 20ms, 1.5s, 2m, 1h";
const memoryHelp = "write a number and its unit: 64MiB, 2GiB";
const countMax = 100_000;
/** More clients would only wait for one another, and their history would take long to check. */
export const clientsMax = 100;
/** People at a keyboard; for more there are clients. */
export const usersMax = 9;

/** `schema`, and what `judge` says of a value that fits it. */
export function judged<S extends z.ZodType>(schema: S, judge: Judge<z.output<S>>): S {
  return schema.check((context) => {
    const complaint = judge(context.value);
    if (complaint === null) return;
    const { reason, help } = complaint;
    context.issues.push({
      code: "custom",
      message: reason,
      params: { help },
      input: context.value,
    });
  });
}

/** Text; in place of other values, what it is called and how it is written. */
function textOf(name: string, help: string) {
  return z.string({ error: `${name}\n${help}` });
}

function spanFrom(leastUs: number, tooShort: string, help: string) {
  return judged(
    textOf("a span of time", 'write it in quotes, with its unit: "20ms", "1.5s", "2m"'),
    (text) => {
      const parsed = parseSpan(text);
      if (parsed === null)
        return { reason: `${shown(text)} is not a span of time`, help: spanHelp };
      if (parsed < leastUs) return { reason: `${text} ${tooShort}`, help };
      if (parsed <= yearUs) return null;
      return { reason: `${text} is longer than a year`, help: "a run simulates hours, or days" };
    },
  );
}

/** A span of any length. */
export const span = spanFrom(0, "is negative", "a time counts from the start, or from an event");

/** A span that something waits for again and again. */
export const interval = spanFrom(1, "is no time at all", "give at least 1us");

/** How far a calendar is off, either way. */
export const offset = spanFrom(-yearUs, "is longer than a year", "a run simulates hours, or days");

export const memory = judged(
  textOf("an amount of memory", 'write it in quotes, with its unit: "64MiB", "2GiB"'),
  (text) => {
    const parsed = parseMemory(text);
    if (parsed !== null && parsed > 0 && Number.isSafeInteger(parsed)) return null;
    return { reason: `${shown(text)} is not an amount of memory`, help: memoryHelp };
  },
);

/** Processors that a machine has. */
export const processors = judged(z.number(), (cpus) =>
  cpus >= 0.001 && cpus <= 10_000
    ? null
    : { reason: `${cpus} is not a number of processors`, help: "give at least 0.001" },
);

/** A whole number of `least` or more. */
export function count(least: number, most = countMax) {
  return judged(z.number(), (value) => {
    const help = `give a whole number from ${least} to ${most}`;
    if (!Number.isInteger(value)) return { reason: `${value} is not a whole number`, help };
    if (value < 0) return { reason: `${value} is negative`, help };
    if (value < least) return { reason: `${value} is too few`, help };
    return value <= most ? null : { reason: `${value} is too many`, help };
  });
}

export const percent = judged(z.number(), (value) =>
  value >= 0 && value <= 100
    ? null
    : { reason: `${value} is not a percentage`, help: "give a number from 0 to 100" },
);

/** What an image is made for. */
export const platform = judged(z.string(), (text) =>
  /^[^/]*\/[^/]*$/.test(text)
    ? null
    : { reason: `${shown(text)} is not a platform`, help: "write linux/arm64, or linux/ for any" },
);

/** A part of a whole. */
export const share = judged(z.number(), (value) =>
  value >= 0 && value <= 1
    ? null
    : { reason: `${value} is not a share`, help: "give a number from 0 to 1" },
);

const ppmMax = 500_000;

/** How much faster one clock may be than another: where one is at `ppmMax`, and one as slow. */
export const driftBetween = count(0, 4 * ppmMax);

/** How fast a clock runs off, in millionths, either way. */
export const drift = judged(z.number(), (ppm) =>
  Math.abs(ppm) <= ppmMax ? null : { reason: `${ppm} is too much`, help: driftHelp },
);

const driftHelp = `give at most ${ppmMax} millionths: a clock half as fast again`;

const wholePpm = "give whole millionths";

/** How fast clocks run off, in millionths, where both ways are meant. */
export const driftSize = judged(z.number(), (ppm) => {
  if (ppm < 0) return { reason: `${ppm} is negative`, help: "give its size: both ways are meant" };
  if (!Number.isInteger(ppm)) return { reason: `${ppm} is not a whole number`, help: wholePpm };
  return ppm <= ppmMax ? null : { reason: `${ppm} is too much`, help: driftHelp };
});

/** Text with something in it, on one line. */
export const title = judged(z.string(), (text) => {
  if (text.trim() === "") return { reason: "is empty", help: "write a few words" };
  if (!/\p{Cc}/u.test(text)) return null;
  return { reason: "has a line end or a control character", help: "write it on one line" };
});

export const prose = judged(z.string(), (text) =>
  text.trim() === ""
    ? { reason: "is empty", help: "write one or two sentences: what happens, what a reader sees" }
    : null,
);

/** A lowest and a highest value. */
export function range<S extends z.ZodType<string | number>>(value: S) {
  return judged(z.tuple([value, value]), ([low = 0, high = 0]) => {
    const [least, most] = [sizeOf(low), sizeOf(high)];
    if (least === null || most === null || least <= most) return null;
    return { reason: `the range descends from ${low} to ${high}`, help: "lowest first" };
  });
}

function sizeOf(value: string | number): number | null {
  return typeof value === "number" ? value : parseSpan(value);
}
