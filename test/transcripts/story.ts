/** One command of a story: the comment before it, the line that says it, and what it showed. */
export interface Block {
  readonly comment: readonly string[];
  /** Null for a comment on its own, as the header is. */
  readonly command: string | null;
  /** Of the command in its file, from 1. */
  readonly line: number;
  readonly shown: readonly string[];
}

/** A file that is not a story, or a command that cannot be carried out; it says where. */
export class StoryError extends Error {
  override readonly name = "StoryError";

  constructor(path: string, line: number, what: string) {
    super(`${path}:${line}: ${what}`);
  }
}

const divider = "----";

/** Blocks are separated by blank lines, so nothing that is shown may hold one. */
export function parseStory(path: string, text: string): Block[] {
  const blocks: Block[] = [];
  let start = 0;
  const lines = text.split("\n");
  for (let at = 0; at <= lines.length; at += 1) {
    if ((lines[at] ?? "") !== "") continue;
    if (at > start) blocks.push(parseBlock(path, start + 1, lines.slice(start, at)));
    start = at + 1;
  }
  if (blocks[0] === undefined || blocks[0].command !== null) {
    throw new StoryError(path, 1, "a story begins with a comment that says what it shows");
  }
  return blocks;
}

/** The first sentence of the header: the name of the story. */
export function titleOf(blocks: readonly Block[]): string {
  const words = (blocks[0]?.comment ?? []).map((line) => line.replace(/^# ?/, ""));
  return words.join(" ").split(/(?<=\.)(?: |$)/)[0] ?? "";
}

export function printStory(blocks: readonly Block[]): string {
  const texts = blocks.map(({ comment, command, shown }) => {
    const lines = command === null ? [] : [command, divider, ...shown];
    return [...comment, ...lines].join("\n");
  });
  return `${texts.join("\n\n")}\n`;
}

function parseBlock(path: string, first: number, lines: readonly string[]): Block {
  const isComment = (line: string) => line.startsWith("#");
  const end = lines.findIndex((line) => !isComment(line));
  if (end === -1) return { comment: lines, command: null, line: first, shown: [] };
  const comment = lines.slice(0, end);
  const [command, next, ...shown] = lines.slice(end);
  const line = first + end;
  if (command === undefined || command === divider) {
    throw new StoryError(path, line, "there is no command before the divider");
  }
  if (next !== undefined && next !== divider) {
    throw new StoryError(path, line + 1, `expected ${divider} after a command, found: ${next}`);
  }
  const second = shown.indexOf(divider);
  if (second >= 0) {
    throw new StoryError(path, line + 2 + second, "a second divider: a blank line is missing");
  }
  return { comment, command, line, shown };
}
