/** Commands of the `docker` CLI, and what they print against a Docker engine and against us. */

/** One command of a transcript. */
export interface Exchange {
  /** The node on which it was asked; empty where there is only one. */
  readonly node: string;
  /** A line of shell. */
  readonly command: string;
  /** What it printed against a Docker engine, with the exit code in the last line. */
  readonly docker: string;
  /** What it prints against us where that is something else, and why. */
  readonly ours: { readonly reason: string; readonly text: string } | null;
}

const differs = "differs: ";

/** Exchanges are parted by empty lines before a line that begins with `$ `, or `m1$ ` on a node. */
export function parseTranscript(text: string): Exchange[] {
  return text.split(/\n\n(?=\w*\$ )/).map((block) => {
    const [first = "", ...lines] = block.trimEnd().split("\n");
    const at = lines.findIndex((line) => line.startsWith(differs));
    const docker = (at < 0 ? lines : lines.slice(0, at)).join("\n");
    const reason = lines[at]?.slice(differs.length) ?? "";
    const ours = at < 0 ? null : { reason, text: lines.slice(at + 1).join("\n") };
    const [node = "", command = ""] = parted(first, "$ ");
    return { node, command, docker, ours };
  });
}

function parted(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return [text.slice(0, at), text.slice(at + mark.length)];
}

export function printTranscript(exchanges: readonly Exchange[]): string {
  const blocks = exchanges.map(({ node, command, docker, ours }) => {
    const own = ours === null ? [] : [`${differs}${ours.reason}`, ours.text];
    return [`${node}$ ${command}`, docker, ...own].join("\n");
  });
  return `${blocks.join("\n\n")}\n`;
}

/** What differs from run to run, each with what stands for it. */
const variables: readonly (readonly [RegExp | string, string])[] = [
  [/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----\n?/g, "CERTIFICATE\n"],
  [/(Issuer (?:Subject|Public Key):\s+)\S+/g, "$1BASE64"],
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| \+0000 utc)/gi, "MOMENT"],
  [/(?:less than a second|about a minute|about an hour|\d+ \w+) ago/gi, "SOME TIME ago"],
  [/SWMTKN-1-[0-9a-z]{50}-[0-9a-z]{25}/g, "TOKEN"],
  [/\b(?=[a-z]*\d)[0-9a-z]{25}\b/g, "ID"],
  [/\b(?=[a-z]*\d)[0-9a-z]{12}\b/g, "ID"],
  [/^[0-9a-z]{12}(?= {2})/gm, "ID"],
  // The CLI writes what stands in a map in Go's order, which is another one each time.
  [/(Runtimes:) .*/g, "$1 NAMES"],
  [/\bB=2( |",\s+")A=1\b/g, "A=1$1B=2"],
  ['"E3=3","E2=2"', '"E2=2","E3=3"'],
  [/(\{"File":\{"Name":"\/x\/key".+?"key"\}),(\{"File":\{"Name":"key".+?"key"\})/g, "$2,$1"],
  [/( Target:\t\/x\/key\n {2}Source:\tkey\n)( Target:\tkey\n {2}Source:\tkey\n)/g, "$2$1"],
  [/("Index": )\d+/g, "$1VERSION"],
  [/\d+\.\d+\.\d+\+dfsg1\b/g, "VERSION"],
  [/\b(?:127\.0\.0|192\.168\.7[78])\.\d+(?::\d+)?/g, "ADDRESS"],
  // Clusters that share an engine have pools of their own.
  [/(Default Address Pool: )\S+/g, "$1POOL"],
  [/(Memory:\s+)[\d.]+GiB/g, "$1MEMORY"],
];

/** Lines that show how an update goes on, as often as the CLI happens to look. */
const progress = /^(?:overall progress: .*|\d+\/\d+:.*|verify: Waiting .*)$\n?/gm;

/** A text without what differs from run to run, the width of columns included. */
export function normalized(text: string): string {
  let found = text.replaceAll("\r", "").replace(progress, "");
  for (const [pattern, name] of variables) found = found.replace(pattern, name);
  const lines = found
    .split("\n")
    .map((line) => line.replaceAll("\t", "  ").replace(/ {2,}/g, "  "));
  return lines.map((line) => line.trimEnd()).join("\n");
}
