import type { Random } from "../../core/base/random.ts";
import type { Side } from "./side.ts";

/**
 * A request of a history, or a command of the `docker` CLI: then `docker` is its method, its path
 * what a shell reads, and its body the input. `<service web id>`, `<node self version>` and the
 * like in its path and body stand for what that object has on each side; `<service web id 5>` for
 * five letters of it, `<swarm worker token>` for a join token.
 */
export interface Step {
  readonly method: string;
  readonly path: string;
  /** As it is sent. */
  readonly body: string | null;
  /** To whom it is said; left out: the first node. */
  readonly node?: string;
}

/** One line; what a command reads is a here-string, as a shell has it. */
export function printStep({ method, path, body, node }: Step): string {
  const mark = method === "docker" ? " <<< " : " ";
  const at = node === undefined ? "" : `${node}: `;
  return `${at}${method} ${path}${body === null ? "" : mark + body}`;
}

/** The steps of a text with one printed step a line, be it behind `  > `; others are left out. */
export function historyIn(text: string): Step[] {
  return text.split("\n").flatMap((line) => {
    const found =
      /^(?: {2}> )?(?:(n\d): )?(docker) (.+?)(?: <<< (.*))?$/.exec(line) ??
      /^(?: {2}> )?(?:(n\d): )?([A-Z]+) ((?:[^\s<]|<[^>]*>)+)(?: (.*))?$/.exec(line);
    if (found === null) return [];
    const [, node, method = "", path = "", body = null] = found;
    return [{ method, path, body, ...(node === undefined ? {} : { node }) }];
  });
}

/** The step as it is said to one side. */
export async function saidTo(side: Side, step: Step): Promise<Step> {
  const path = await filled(side, step.path, encodeURIComponent);
  const body = step.body && (await filled(side, step.body, (text) => text));
  return { ...step, path, body };
}

async function filled(side: Side, text: string, as: (text: string) => string): Promise<string> {
  const found = new Map<string, string>();
  for (const [mark, kind = "", name = "", part, length] of text.matchAll(
    /<(\w+) (\w+) (id|version|token)(?: (\d+))?>/g,
  )) {
    const value =
      part === "token" ? await tokenOf(side, name) : await partOf(side, kind, name, part === "id");
    found.set(mark, as(String(value).slice(0, length === undefined ? undefined : Number(length))));
  }
  return text.replaceAll(/<\w+ \w+ [^>]+>/g, (mark) => found.get(mark) ?? mark);
}

async function tokenOf(side: Side, role: string): Promise<string> {
  const { Worker, Manager } = (await side.must("GET", "/swarm")).JoinTokens;
  return role === "worker" ? Worker : Manager;
}

/** What does not exist has the id and the version of nobody. */
async function partOf(side: Side, kind: string, name: string, isId: boolean): Promise<string> {
  const path = kind === "swarm" ? "/swarm" : name === "self" ? "/nodes" : `/${kind}s/${name}`;
  const { status, body } = await side.ask("GET", path);
  if (status !== 200) return isId ? "nobody" : "1";
  const object = Array.isArray(body) ? body[0] : body;
  return isId ? (object.ID ?? object.Id) : object.Version.Index;
}

/** Kinds of what is drawn, and how often each is, against the others. */
export type Kinds<T> = readonly (readonly [number, (chance: Random) => T])[];

export function drawnOf<T>(kinds: Kinds<T>, chance: Random): T {
  let left = chance.below(kinds.reduce((sum, [weight]) => sum + weight, 0));
  for (const [weight, draw] of kinds) {
    if (left < weight) return draw(chance);
    left -= weight;
  }
  throw new Error("weights add up to their total");
}
