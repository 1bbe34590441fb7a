import { unreachable } from "../base/assert.ts";
import { limits } from "../base/limits.ts";
import { sortedText } from "../base/order.ts";
import { builtIn } from "./template-functions.ts";
import type {
  Branch,
  Operand,
  Pipe,
  TemplateCommand,
  TemplateNode,
  TemplateProblem,
} from "./template-syntax.ts";
import {
  isList,
  isMap,
  isObject,
  isTrue,
  printed,
  type TemplateFunction,
  type TemplateValue,
  typeName,
} from "./template-value.ts";

/** What a template is filled in with. */
export interface TemplateContext {
  /** What `$` is, and the dot at first. */
  readonly root: TemplateValue;
  /** Besides Go's own. */
  readonly functions: ReadonlyMap<string, TemplateFunction>;
  /** What a field is that an object does not have; undefined: a mistake. */
  readonly absent?: (name: string) => TemplateValue | undefined;
  /** Go's option `missingkey`: what a map does not have is a mistake. Left out: it is nothing. */
  readonly missingKey?: "error";
}

/** The text of a template, or which part of it could not be carried out. */
export type Filled = { readonly text: string } | { readonly problem: TemplateProblem };

export function filledIn(nodes: readonly TemplateNode[], context: TemplateContext): Filled {
  return new Filling(context).of(nodes);
}

/** True of Go's own functions too. */
export function isFunctionIn({ functions }: Pick<TemplateContext, "functions">, name: string) {
  return name === "and" || name === "or" || builtIn.has(name) || functions.has(name);
}

interface Variable {
  readonly name: string;
  value: TemplateValue;
}

/** Where something is looked at: in which pipeline, and what the dot is there. */
interface Place {
  readonly pipe: Pipe;
  readonly dot: TemplateValue;
}

/** One use of a template. After the first problem it does nothing more. */
class Filling {
  readonly #context: TemplateContext;
  #problem: TemplateProblem | null = null;
  /** What ends the pass through the innermost `range`, or the whole of it. */
  #leaves: "break" | "continue" | null = null;
  /** The innermost last: what has the same name further out is not seen. */
  readonly #variables: Variable[];
  /** What may still be done. */
  #left: number = limits.templateWork;

  constructor(context: TemplateContext) {
    this.#context = context;
    this.#variables = [{ name: "$", value: context.root }];
  }

  of(nodes: readonly TemplateNode[]): Filled {
    const text = this.#nodes(nodes, this.#context.root);
    return this.#problem === null ? { text } : { problem: this.#problem };
  }

  #nodes(nodes: readonly TemplateNode[], dot: TemplateValue): string {
    let text = "";
    for (const node of nodes) {
      if (this.#problem !== null || this.#leaves !== null) return text;
      text += this.#node(node, dot);
    }
    return text;
  }

  #node(node: TemplateNode, dot: TemplateValue): string {
    switch (node.kind) {
      case "text":
        this.#left -= node.text.length;
        return node.text;
      case "print":
        return this.#print(node.pipe, dot);
      case "break":
      case "continue":
        this.#leaves = node.kind;
        return "";
      case "if":
      case "with":
      case "range":
        return this.#branch(node, dot);
      default:
        return unreachable(node);
    }
  }

  #print(pipe: Pipe, dot: TemplateValue): string {
    const value = this.#pipe(pipe, dot);
    if (pipe.variables.length > 0 || this.#problem !== null) return "";
    const text = printed(value);
    this.#spend(pipe, text.length);
    return text;
  }

  #spend(pipe: Pipe, work: number): void {
    this.#left -= 10 + work;
    if (this.#left < 0) this.#fail(pipe, pipe, "it makes too much of it");
  }

  #branch(branch: Branch, dot: TemplateValue): string {
    const known = this.#variables.length;
    const text = branch.kind === "range" ? this.#range(branch, dot) : this.#chosen(branch, dot);
    this.#variables.length = known;
    return text;
  }

  #chosen({ kind, pipe, then, otherwise }: Branch, dot: TemplateValue): string {
    const value = this.#pipe(pipe, dot);
    if (!isTrue(value)) return this.#nodes(otherwise, dot);
    return this.#nodes(then, kind === "with" ? value : dot);
  }

  #range({ pipe, then, otherwise }: Branch, dot: TemplateValue): string {
    const value = this.#pipe({ ...pipe, variables: [] }, dot);
    const known = this.#variables.length;
    let text = "";
    let isEmpty = true;
    for (const [key, each] of this.#itemsOf(value, pipe)) {
      isEmpty = false;
      this.#spend(pipe, 0);
      const given = pipe.variables.length === 1 ? [each] : [key, each];
      for (const [at, name] of pipe.variables.entries())
        this.#set(name, given[at] ?? null, pipe.declares);
      text += this.#nodes(then, each);
      this.#variables.length = known;
      const isOver = this.#problem !== null || this.#leaves === "break";
      this.#leaves = null;
      if (isOver) break;
    }
    return isEmpty ? this.#nodes(otherwise, dot) : text;
  }

  *#itemsOf(value: TemplateValue, pipe: Pipe): Iterable<[TemplateValue, TemplateValue]> {
    if (isList(value)) yield* value.entries();
    else if (isMap(value))
      for (const key of sortedText(value.keys())) yield [key, value.get(key) ?? null];
    else if (typeof value === "number" && Number.isInteger(value))
      for (let at = 0; at < value; at += 1) yield [at, at];
    else if (value !== null) this.#fail(pipe, pipe, `range can't iterate over ${printed(value)}`);
  }

  #set(name: string, value: TemplateValue, isNew: boolean): void {
    const known = isNew ? undefined : this.#known(name);
    if (known === undefined) this.#variables.push({ name, value });
    else known.value = value;
  }

  #known(name: string): Variable | undefined {
    for (let at = this.#variables.length - 1; at >= 0; at -= 1)
      if (this.#variables[at]?.name === name) return this.#variables[at];
    return undefined;
  }

  #pipe(pipe: Pipe, dot: TemplateValue): TemplateValue {
    const place = { pipe, dot };
    let last: readonly TemplateValue[] = [];
    for (const command of pipe.commands) last = [this.#command(command, last, place)];
    const [value = null] = last;
    const [variable] = pipe.variables;
    if (variable !== undefined) this.#set(variable, value, pipe.declares);
    return value;
  }

  /** `last`: what the command before has given, if there was one. */
  #command(command: TemplateCommand, last: readonly TemplateValue[], place: Place): TemplateValue {
    const [head, ...rest] = command.operands;
    if (head === undefined || this.#problem !== null) return null;
    if (head.base.kind === "function" && head.names.length === 0)
      return this.#named(head.base.name, command, last, place);
    const value = this.#operand(head, place);
    if (typeof value === "function") return this.#call(value, command, last, place);
    if (rest.length + last.length === 0) return value;
    return this.#fail(place.pipe, head, `can't give argument to non-function ${head.source}`);
  }

  #named(
    name: string,
    command: TemplateCommand,
    last: readonly TemplateValue[],
    place: Place,
  ): TemplateValue {
    if (name === "and" || name === "or")
      return this.#firstThat(name === "or", command, last, place);
    const call = this.#context.functions.get(name) ?? builtIn.get(name);
    if (call !== undefined) return this.#call(call, command, last, place);
    return this.#fail(place.pipe, command, `function "${name}" not defined`);
  }

  /** The first that is true, or is not; the last where there is none. No more are looked at. */
  #firstThat(
    isSo: boolean,
    command: TemplateCommand,
    last: readonly TemplateValue[],
    place: Place,
  ): TemplateValue {
    const [, ...operands] = command.operands;
    let value: TemplateValue = null;
    for (const operand of operands) {
      value = this.#operand(operand, place);
      if (this.#problem !== null || isTrue(value) === isSo) return value;
    }
    const [given = value] = last;
    if (operands.length + last.length > 0) return given;
    return this.#fail(place.pipe, command, "wrong number of args: want at least 1 got 0");
  }

  #call(
    call: TemplateFunction,
    command: TemplateCommand,
    last: readonly TemplateValue[],
    place: Place,
  ): TemplateValue {
    const [head, ...operands] = command.operands;
    const args = [...operands.map((each) => this.#operand(each, place)), ...last];
    if (this.#problem !== null) return null;
    const given = call(args);
    if ("why" in given)
      return this.#fail(place.pipe, command, `error calling ${head?.source}: ${given.why}`);
    this.#spend(place.pipe, typeof given.value === "string" ? given.value.length : 0);
    return given.value;
  }

  #operand(operand: Operand, place: Place): TemplateValue {
    if (this.#problem !== null) return null;
    return operand.names.reduce<TemplateValue>(
      (value, name) => this.#field(value, name, operand, place),
      this.#base(operand, place),
    );
  }

  #base(operand: Operand, place: Place): TemplateValue {
    const { base } = operand;
    switch (base.kind) {
      case "dot":
        return place.dot;
      case "literal":
        return base.value;
      case "variable":
        return this.#known(base.name)?.value ?? null;
      case "function":
        return this.#named(base.name, { ...operand, operands: [operand] }, [], place);
      case "pipe":
        return this.#pipe(base.pipe, place.dot);
      default:
        return unreachable(base);
    }
  }

  #field(value: TemplateValue, name: string, operand: Operand, { pipe }: Place): TemplateValue {
    if (this.#problem !== null) return null;
    if (value === null) return this.#fail(pipe, operand, `nil pointer evaluating .${name}`);
    if (isMap(value)) return this.#entry(value, name, operand, pipe);
    if (!isObject(value))
      return this.#fail(pipe, operand, `can't evaluate field ${name} in type ${typeName(value)}`);
    if (Object.hasOwn(value, name)) return value[name] ?? null;
    const absent = this.#context.absent?.(name);
    if (absent !== undefined) return absent;
    const there = Object.keys(value).join(", ");
    return this.#fail(pipe, operand, `can't evaluate field ${name}: there is ${there}`);
  }

  #entry(
    map: ReadonlyMap<string, TemplateValue>,
    key: string,
    operand: Operand,
    pipe: Pipe,
  ): TemplateValue {
    if (this.#context.missingKey === undefined || map.has(key)) return map.get(key) ?? null;
    return this.#fail(pipe, operand, `map has no entry for key "${key}"`);
  }

  #fail({ action }: Pipe, piece: Pick<Operand, "source" | "at">, why: string): null {
    this.#problem ??= { action, why, piece, at: piece.at };
    return null;
  }
}
