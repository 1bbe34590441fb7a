/**
 * Go's `text/template`, read: comments, `{{-` and `-}}`, pipelines, variables, texts, numbers,
 * `if`, `with` and `range` with `else`, `break` and `continue`. `define`, `template` and `block`
 * are problems. What is wrong is said in Go's own words.
 */

export type TemplateNode =
  | { readonly kind: "text"; readonly text: string }
  /** Prints what it gives, if it is not for a variable. */
  | { readonly kind: "print"; readonly pipe: Pipe }
  | { readonly kind: "break" | "continue" }
  | Branch;

/** `otherwise` is for where the pipeline gives nothing. */
export interface Branch {
  readonly kind: "if" | "with" | "range";
  readonly pipe: Pipe;
  readonly then: readonly TemplateNode[];
  readonly otherwise: readonly TemplateNode[];
}

/** A piece of the template, and where it begins in it. */
interface Piece {
  readonly source: string;
  readonly at: number;
}

export interface Pipe extends Piece {
  /** The action that it stands in, with its braces. */
  readonly action: string;
  /** What is given goes to these; before the last of two there is the index, in a `range`. */
  readonly variables: readonly string[];
  /** True of `:=`; false of `=`, which needs variables that there are. */
  readonly declares: boolean;
  /** Each is given what the one before it gives, as its last argument. */
  readonly commands: readonly TemplateCommand[];
}

export interface TemplateCommand extends Piece {
  readonly operands: readonly Operand[];
}

/** `.A.B`, `$x.A`, `(pipe).A`: what `names` lead to from `base`. */
export interface Operand extends Piece {
  readonly base: Base;
  readonly names: readonly string[];
}

export type Base =
  | { readonly kind: "dot" }
  /** `$` is called "$": the whole, whatever the dot is. */
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "literal"; readonly value: string | number | boolean | null }
  | { readonly kind: "function"; readonly name: string }
  | { readonly kind: "pipe"; readonly pipe: Pipe };

export interface TemplateProblem {
  /** The action that it is in, with its braces. */
  readonly action: string;
  readonly why: string;
  /** What could not be carried out; null: the template can't be read. */
  readonly piece: Piece | null;
  /** Where in the template it is noticed. */
  readonly at: number;
}

export interface Template {
  readonly nodes: readonly TemplateNode[];
  /** Why it can't be read; null: it can. */
  readonly problem: TemplateProblem | null;
}

/** `isFunction`: whether there is a function of this name; nothing said: nobody looks. */
export function parseTemplate(
  text: string,
  isFunction: (name: string) => boolean = () => true,
): Template {
  return new Parser(text, isFunction).parse();
}

/** Brackets and branches in one another: reading and filling in follow them on the stack. */
const deepest = 100;
/** Seen at one place: each is looked for among all. */
const variablesMost = 1_000;

const word = new RegExp(
  "\"(?:[^\"\\\\\\n]|\\\\.)*\"|`[^`]*`|'(?:[^'\\\\\\n]|\\\\.)+'" +
    "|[+-]?(?:\\.?\\d)(?:[eE][+-]\\d|[\\w.])*" +
    "|(?:\\$\\w*)?(?:\\.[\\p{L}_][\\p{L}\\p{N}_]*)+|\\$\\w*|\\.|[\\p{L}_]\\w*|:=|[=,|()]",
  "uy",
);
const blank = /[ \t\r\n]*/y;
const actionEnd = /(?:[ \t\r\n]+-\}\}[ \t\r\n]*|[ \t\r\n]*\}\})/y;
const comment = /[ \t\r\n]*\/\*[\s\S]*?\*\/(?=[ \t\r\n]*-?\}\})/y;
const longestNumber = 100;
const number =
  /^[+-]?(?:0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*)?\.?\d*(?:[eE][+-]?\d+)?)$/;
/** What a letter behind a backslash stands for, beside it. */
const escapes = new Map(
  ["n\n", "t\t", "r\r", "a\x07", "b\b", "f\f", "v\v", '""', "''", "\\\\"].map(
    ([letter = "", meant = ""]) => [letter, meant],
  ),
);
const branches = ["if", "with", "range"] as const;
const unsupported = ["define", "template", "block"];

interface Word {
  readonly text: string;
  readonly at: number;
}

interface Action extends Piece {
  readonly words: readonly Word[];
}

class Parser {
  readonly #text: string;
  readonly #isFunction: (name: string) => boolean;
  #at = 0;
  #problem: TemplateProblem | null = null;
  /** Where its words are read. */
  #action: Action = { source: "", at: 0, words: [] };
  #next = 0;
  #depth = 0;
  #ranges = 0;
  /** Those that can be named here; the last is the innermost. */
  readonly #variables = ["$"];

  constructor(text: string, isFunction: (name: string) => boolean) {
    this.#text = text;
    this.#isFunction = isFunction;
  }

  parse(): Template {
    const { nodes, stop } = this.#nodes();
    if (stop !== null) this.#fail(`unexpected {{${stop.words[0]?.text}}}`, stop);
    return { nodes, problem: this.#problem };
  }

  /** Up to an action of `else` or `end`, which is given back too. */
  #nodes(): { readonly nodes: TemplateNode[]; readonly stop: Action | null } {
    const nodes: TemplateNode[] = [];
    while (this.#at < this.#text.length && this.#problem === null) {
      const text = this.#plainText();
      if (text !== "") nodes.push({ kind: "text", text });
      const action = this.#at < this.#text.length ? this.#readAction() : null;
      const name = action?.words[0]?.text;
      if (action === null || name === undefined) continue;
      if (name === "end" || name === "else") return { nodes, stop: action };
      nodes.push(this.#node(name, action));
    }
    return { nodes, stop: null };
  }

  #node(name: string, action: Action): TemplateNode {
    const branch = branches.find((each) => each === name);
    if (branch !== undefined) return this.#branch(branch, action, 1);
    if (unsupported.includes(name)) this.#fail(`{{${name}}} is not supported here`, action);
    if (name === "break" || name === "continue") {
      if (this.#ranges === 0) this.#fail(`{{${name}}} outside {{range}}`, action);
      return { kind: name };
    }
    return { kind: "print", pipe: this.#pipeOf(action, 0, "command") };
  }

  #plainText(): string {
    const begin = this.#text.indexOf("{{", this.#at);
    const end = begin < 0 ? this.#text.length : begin;
    const text = this.#text.slice(this.#at, end);
    this.#at = end;
    return this.#isTrimming() ? trimmedEnd(text) : text;
  }

  #isTrimming(): boolean {
    return /^\{\{-[ \t\r\n]/.test(this.#text.slice(this.#at, this.#at + 4));
  }

  /** A comment has no words. Null where there is a problem. */
  #readAction(): Action | null {
    const begin = this.#at;
    this.#at += this.#isTrimming() ? 3 : 2;
    const isComment = this.#took(comment) !== null;
    const words: Word[] = [];
    while (this.#took(actionEnd) === null) {
      this.#took(blank);
      const at = this.#at;
      const text = this.#took(word);
      if (text === null || isComment) return this.#unreadable(begin);
      words.push({ text, at });
    }
    const source = this.#text.slice(begin, this.#at);
    if (words.length > 0 || isComment) return { source, at: begin, words };
    this.#fail("missing value for command", { source, at: begin, words });
    return null;
  }

  #took(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? null;
    this.#at += found?.length ?? 0;
    return found;
  }

  #unreadable(begin: number): null {
    const end = this.#text.indexOf("}}", this.#at);
    const source = this.#text.slice(begin, end < 0 ? undefined : end + 2);
    this.#fail(whyUnreadable(this.#text.slice(this.#at)), { source, at: begin, words: [] });
    return null;
  }

  /** `from`: where its pipeline begins. */
  #branch(kind: Branch["kind"], action: Action, from: number): Branch {
    const known = this.#variables.length;
    const pipe = this.#pipeOf(action, from, kind);
    this.#ranges += kind === "range" ? 1 : 0;
    const isRead = this.#isDeeper(action);
    const { nodes: then, stop } = isRead ? this.#nodes() : { nodes: [], stop: null };
    this.#ranges -= kind === "range" ? 1 : 0;
    if (stop === null) this.#fail("unexpected EOF", action);
    const isElse = stop?.words[0]?.text === "else";
    const otherwise = isElse ? this.#otherwise(stop) : [];
    this.#variables.length = known;
    this.#depth -= 1;
    return { kind, pipe, then, otherwise };
  }

  #otherwise(action: Action): readonly TemplateNode[] {
    const name = action.words[1]?.text;
    if (name === "if" || name === "with") return [this.#branch(name, action, 2)];
    if (name !== undefined) this.#fail(`unexpected "${name}" in else`, action);
    const { nodes, stop } = this.#nodes();
    if (stop === null) this.#fail("unexpected EOF", action);
    else if (stop.words[0]?.text === "else") this.#fail("expected end; found {{else}}", stop);
    return nodes;
  }

  #isDeeper(action: Action): boolean {
    this.#depth += 1;
    if (this.#depth > deepest) this.#fail("it is too deep", action);
    return this.#problem === null;
  }

  #pipeOf(action: Action, from: number, context: string): Pipe {
    this.#action = action;
    this.#next = from;
    const pipe = this.#pipe(context);
    if (this.#word === ")") this.#fail("unexpected right paren");
    return pipe;
  }

  get #word(): string | undefined {
    return this.#action.words[this.#next]?.text;
  }

  #pipe(context: string): Pipe {
    const action = this.#action;
    const { variables, declares } = this.#targets(context);
    const first = this.#next;
    const commands = [this.#command(context)];
    for (; this.#word === "|"; commands.push(this.#command(context))) this.#next += 1;
    if (declares) this.#variables.push(...variables);
    if (this.#variables.length > variablesMost) this.#fail("there are too many variables");
    const { source, at } = this.#piece(first);
    return { source, at, action: action.source, variables, declares, commands };
  }

  /** What stands before `:=` or `=`. */
  #targets(context: string): Pick<Pipe, "variables" | "declares"> {
    const words = this.#action.words.slice(this.#next, this.#next + 4).map(({ text }) => text);
    const isPair = context === "range" && words[1] === ",";
    const variables = isPair ? [words[0] ?? "", words[2] ?? ""] : words.slice(0, 1);
    const sign = words[isPair ? 3 : 1];
    const isFit = variables.every((each) => /^\$\w*$/.test(each));
    if (!isFit || (sign !== ":=" && sign !== "=")) return { variables: [], declares: false };
    this.#next += isPair ? 4 : 2;
    if (sign === "=") for (const each of variables) this.#checkVariable(each);
    return { variables, declares: sign === ":=" };
  }

  #command(context: string): TemplateCommand {
    const begin = this.#next;
    const operands: Operand[] = [];
    for (let at = this.#word; at !== undefined && at !== "|" && at !== ")"; at = this.#word) {
      if (this.#problem !== null) break;
      operands.push(this.#operand());
    }
    if (operands.length === 0) this.#fail(`missing value for ${context}`);
    return { ...this.#piece(begin), operands };
  }

  /** What was written of the action's words from this one on up to the next that is read. */
  #piece(begin: number): Piece {
    const { words } = this.#action;
    const at = words[begin]?.at ?? this.#at;
    const last = words[Math.max(begin, this.#next - 1)];
    return {
      at,
      source: this.#text.slice(at, last === undefined ? at : last.at + last.text.length),
    };
  }

  #operand(): Operand {
    const begin = this.#next;
    const { text = "" } = this.#action.words[begin] ?? {};
    this.#next += 1;
    const [start = "", ...names] =
      /^[.$]/.test(text) && !/^\.\d/.test(text) ? text.split(".") : [text];
    const isDot = text.startsWith(".") && start === "";
    const base: Base = isDot ? { kind: "dot" } : this.#base(start);
    const all = [...names.filter((name) => name !== ""), ...this.#joined()];
    return { ...this.#piece(begin), base, names: all };
  }

  /** The fields that stand right behind a bracket. */
  #joined(): string[] {
    const [before, word] = this.#action.words.slice(this.#next - 1, this.#next + 1);
    if (before?.text !== ")" || !word?.text.startsWith(".")) return [];
    if (word.at > before.at + 1) return [];
    this.#next += 1;
    return word.text.split(".").slice(1);
  }

  #base(text: string): Base {
    if (text === "(") return this.#bracket();
    if (/^["`]/.test(text)) return { kind: "literal", value: this.#unquoted(text) };
    if (text.startsWith("'")) return { kind: "literal", value: this.#character(text) };
    if (/^[+-]?\.?\d/.test(text)) return { kind: "literal", value: this.#number(text) };
    if (text.startsWith("$")) return { kind: "variable", name: this.#checkVariable(text) };
    if (text === "true" || text === "false") return { kind: "literal", value: text === "true" };
    if (text === "nil") return { kind: "literal", value: null };
    if (!/^\w/.test(text)) this.#fail(`unexpected "${text}" in operand`);
    else if (!this.#isFunction(text)) this.#fail(`function "${text}" not defined`);
    return { kind: "function", name: text };
  }

  #bracket(): Base {
    if (!this.#isDeeper(this.#action)) return { kind: "dot" };
    const pipe = this.#pipe("parenthesized pipeline");
    this.#depth -= 1;
    if (this.#word !== ")") this.#fail("unclosed left paren");
    this.#next += 1;
    return { kind: "pipe", pipe };
  }

  #checkVariable(name: string): string {
    if (!this.#variables.includes(name)) this.#fail(`undefined variable "${name}"`);
    return name;
  }

  #number(text: string): number {
    const sign = text.startsWith("-") ? -1 : 1;
    const isNumber = text.length <= longestNumber && number.test(text);
    const value = isNumber ? Number(text.replace(/^[+-]|_/g, "")) : Number.NaN;
    if (!Number.isFinite(value)) this.#fail(`bad number syntax: "${text}"`);
    return value === 0 ? 0 : sign * value;
  }

  #character(text: string): number {
    const letters = [...this.#unquoted(text)];
    if (letters.length !== 1) this.#fail(`malformed character constant: ${text}`);
    return letters[0]?.codePointAt(0) ?? 0;
  }

  #unquoted(text: string): string {
    const inner = text.slice(1, -1);
    if (text.startsWith("`")) return inner;
    return inner.replace(/\\(.)/gu, (written, letter: string) => {
      const meant = escapes.get(letter);
      if (meant === undefined) this.#fail(`invalid syntax: ${written}`);
      return meant ?? "";
    });
  }

  #fail(why: string, { source, at } = this.#action): void {
    this.#problem ??= { action: source, why, piece: null, at };
  }
}

/** Go's blanks are fewer than JavaScript's: bytes of other letters are not among them. */
function trimmedEnd(text: string): string {
  let end = text.length;
  while (end > 0 && " \t\r\n".includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/** Why an action can't go on like this. */
function whyUnreadable(rest: string): string {
  if (rest === "") return "unclosed action";
  if (rest.startsWith('"')) return "unterminated quoted string";
  if (rest.startsWith("`")) return "unterminated raw quoted string";
  if (rest.startsWith("'")) return "unterminated character constant";
  if (rest.startsWith("/*")) return "unclosed comment";
  const [letter = ""] = rest;
  if (letter === "}") return "bad character U+007D '}'";
  return `unexpected "${letter}" in command`;
}
