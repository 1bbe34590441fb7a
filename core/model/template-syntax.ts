/**
 * The part of Go's `text/template` that there is here: comments, `{{-` and `-}}`, pipelines, quoted
 * texts, whole numbers, and `if`, `with` and `else`. Variables but `$`, `range`, `define` and the
 * rest are problems.
 */

export type TemplateNode =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "print"; readonly pipe: Pipe }
  | Branch;

/** `otherwise` is for where the pipeline gives nothing. */
export interface Branch {
  readonly kind: "if" | "with";
  readonly pipe: Pipe;
  readonly then: readonly TemplateNode[];
  readonly otherwise: readonly TemplateNode[];
}

export interface Pipe {
  /** The whole action, for people. */
  readonly source: string;
  /** Each is given what the one before it gives, as its last argument. */
  readonly commands: readonly (readonly Operand[])[];
}

export type Operand =
  | { readonly kind: "literal"; readonly value: string | number | boolean }
  /** `.A.B`, or `$.A.B` of the whole whatever the dot is; no names: the dot itself. */
  | { readonly kind: "field"; readonly isOfWhole: boolean; readonly names: readonly string[] }
  | { readonly kind: "function"; readonly name: string }
  | { readonly kind: "pipe"; readonly pipe: Pipe };

export interface Template {
  readonly nodes: readonly TemplateNode[];
  /** Why it can't be read; null: it can. */
  readonly problem: string | null;
}

export function parseTemplate(text: string): Template {
  return new Parser(text).parse();
}

export function cantFillIn(source: string, why: string): string {
  return `can't fill in ${source.trim().slice(0, 80)}: ${why}`;
}

/** What an action consists of: texts, numbers, fields, names, and what stands between. */
const word = new RegExp(
  '\\s*("(?:[^"\\\\\\n]|\\\\.)*"|`[^`]*`|[+-]?\\d+' +
    "|\\$?(?:\\.[A-Za-z_]\\w*)+|\\$(?!\\w)|\\.|[A-Za-z_]\\w*|[|()])",
  "y",
);
const actionEnd = /\s+-\}\}\s*|\s*\}\}/y;
const comment = /\s*\/\*[\s\S]*?\*\/(?=\s*-?\}\})/y;
const escapes: Readonly<Record<string, string>> = {
  ...{ n: "\n", t: "\t", r: "\r", '"': '"', "\\": "\\" },
};

interface Action {
  /** With its braces. */
  readonly source: string;
  readonly words: readonly string[];
}

class Parser {
  readonly #text: string;
  #at = 0;
  #problem: string | null = null;
  /** Where its words are read. */
  #action: Action = { source: "", words: [] };
  #next = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Template {
    const { nodes, stop } = this.#nodes();
    if (stop !== null) this.#fail("there is nothing that it ends", stop);
    return { nodes, problem: this.#problem };
  }

  /** Up to an action of `else` or `end`, which is given back too. */
  #nodes(): { readonly nodes: TemplateNode[]; readonly stop: Action | null } {
    const nodes: TemplateNode[] = [];
    while (this.#at < this.#text.length && this.#problem === null) {
      const text = this.#plainText();
      if (text !== "") nodes.push({ kind: "text", text });
      const action = this.#at < this.#text.length ? this.#readAction() : null;
      const [name] = action?.words ?? [];
      if (action === null || name === undefined) continue;
      if (name === "end" || name === "else") return { nodes, stop: action };
      if (name === "if" || name === "with") nodes.push(this.#branch(name, action, 1));
      else nodes.push({ kind: "print", pipe: this.#pipeOf(action, 0) });
    }
    return { nodes, stop: null };
  }

  #plainText(): string {
    const begin = this.#text.indexOf("{{", this.#at);
    const end = begin < 0 ? this.#text.length : begin;
    const text = this.#text.slice(this.#at, end);
    this.#at = end;
    return this.#isTrimming() ? text.trimEnd() : text;
  }

  #isTrimming(): boolean {
    return /^\{\{-\s/.test(this.#text.slice(this.#at, this.#at + 4));
  }

  /** A comment has no words. Null where there is a problem. */
  #readAction(): Action | null {
    const begin = this.#at;
    this.#at += this.#isTrimming() ? 3 : 2;
    this.#took(comment);
    const words: string[] = [];
    while (this.#took(actionEnd) === null) {
      const found = this.#took(word);
      if (found === null) return this.#unreadable(begin);
      words.push(found.trim());
    }
    return { source: this.#text.slice(begin, this.#at), words };
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
    this.#fail(end < 0 ? "it has no end" : "nobody knows it here", { source, words: [] });
    return null;
  }

  /** `from`: where its pipeline begins. */
  #branch(kind: Branch["kind"], action: Action, from: number): Branch {
    const pipe = this.#pipeOf(action, from);
    const { nodes: then, stop } = this.#nodes();
    if (stop === null) this.#fail("it has no end", action);
    const isElse = stop?.words[0] === "else";
    return { kind, pipe, then, otherwise: isElse ? this.#otherwise(stop) : [] };
  }

  #otherwise(action: Action): readonly TemplateNode[] {
    const [, name] = action.words;
    if (name === "if" || name === "with") return [this.#branch(name, action, 2)];
    if (name !== undefined) this.#fail(`'${name}' can't be there`, action);
    const { nodes, stop } = this.#nodes();
    if (stop?.words[0] !== "end") this.#fail("it has no end", action);
    return nodes;
  }

  #pipeOf(action: Action, from: number): Pipe {
    this.#action = action;
    this.#next = from;
    const pipe = this.#pipe();
    if (this.#next < action.words.length) this.#fail(`'${this.#word}' can't be there`);
    return pipe;
  }

  get #word(): string | undefined {
    return this.#action.words[this.#next];
  }

  #pipe(): Pipe {
    const commands = [this.#command()];
    for (; this.#word === "|"; commands.push(this.#command())) this.#next += 1;
    return { source: this.#action.source, commands };
  }

  #command(): readonly Operand[] {
    const operands: Operand[] = [];
    for (let at = this.#word; at !== undefined && at !== "|" && at !== ")"; at = this.#word) {
      this.#next += 1;
      operands.push(this.#operand(at));
    }
    if (operands.length === 0) this.#fail("a command is missing");
    return operands;
  }

  #operand(text: string): Operand {
    if (text === "(") {
      const pipe = this.#pipe();
      if (this.#word !== ")") this.#fail("a bracket has no end");
      this.#next += 1;
      return { kind: "pipe", pipe };
    }
    if (/^["`]/.test(text)) return { kind: "literal", value: this.#unquoted(text) };
    if (/^[+-]?\d/.test(text)) return { kind: "literal", value: Number(text) };
    if (text === "true" || text === "false") return { kind: "literal", value: text === "true" };
    if (!/^[.$]/.test(text)) return { kind: "function", name: text };
    const names = text.split(".").filter((name) => name !== "" && name !== "$");
    return { kind: "field", isOfWhole: text.startsWith("$"), names };
  }

  #unquoted(text: string): string {
    const inner = text.slice(1, -1);
    if (text.startsWith("`")) return inner;
    return inner.replace(/\\(.)/g, (written, letter: string) => {
      const meant = escapes[letter];
      if (meant === undefined) this.#fail(`nobody knows ${written} here`);
      return meant ?? "";
    });
  }

  #fail(why: string, { source } = this.#action): void {
    this.#problem ??= cantFillIn(source, why);
  }
}
