import type { Breach, Rule, Text } from "./source.ts";

/** A registry's address in the lockfile is the address of whoever wrote it. */
export const lockfile: Rule = {
  name: "package-lock.json names no registry",
  check: ({ texts }) =>
    texts
      .filter(({ path }) => path === "package-lock.json")
      .flatMap((text) => matches(text, /"resolved":\s*"http[^"]*"/)),
};

/** Paths of the machine that a file was written on. */
export const machinePaths: Rule = {
  name: "no tracked file mentions a path of one machine",
  check: ({ texts }) => texts.flatMap((text) => matches(text, /(?<![\w.-])\/(work|root)\//)),
};

function matches({ path, text }: Text, pattern: RegExp): Breach[] {
  if (!pattern.test(text)) return [];
  return text.split("\n").flatMap((line, at) => {
    const found = pattern.exec(line);
    return found === null ? [] : [{ path, line: at + 1, what: found[0] }];
  });
}
