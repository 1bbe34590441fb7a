import { unreachable } from "../base/assert.ts";
import { builtIn, type Given, isTrue, printed, type TemplateValue } from "./template-functions.ts";
import {
  cantFillIn,
  type Operand,
  type Pipe,
  parseTemplate,
  type TemplateNode,
} from "./template-syntax.ts";

/** What a name such as `.Node.Hostname` stands for. */
export type TemplateFields = ReadonlyMap<string, string | ReadonlyMap<string, string>>;

/** What a function such as `env` gives for its argument; null: there is no such thing. */
export type TemplateFunctions = Readonly<Record<string, (argument: string) => string | null>>;

/** The dot of all that is not inside a `with`: its fields are those of `TemplateFields`. */
const whole = Symbol("whole");
type Dot = TemplateValue | typeof whole;

/** Fills in texts, and keeps what was wrong with the first one that could not be. */
export class Expansion {
  problem: string | null = null;
  readonly #fields: TemplateFields;
  readonly #functions: TemplateFunctions;

  constructor(fields: TemplateFields, functions: TemplateFunctions = {}) {
    this.#fields = fields;
    this.#functions = functions;
  }

  /** The text with its placeholders filled in; as it is where there is a problem. */
  of(text: string): string {
    if (!text.includes("{{")) return text;
    const { nodes, problem } = parseTemplate(text);
    this.problem ??= problem;
    const filled = problem === null ? this.#filled(nodes, whole) : "";
    return this.problem === null ? filled : text;
  }

  #filled(nodes: readonly TemplateNode[], dot: Dot): string {
    return nodes.map((node) => this.#ofNode(node, dot)).join("");
  }

  #ofNode(node: TemplateNode, dot: Dot): string {
    switch (node.kind) {
      case "text":
        return node.text;
      case "print":
        return printed(this.#ofPipe(node.pipe, dot));
      case "if":
      case "with": {
        const value = this.#ofPipe(node.pipe, dot);
        if (!isTrue(value)) return this.#filled(node.otherwise, dot);
        return this.#filled(node.then, node.kind === "with" ? value : dot);
      }
      default:
        return unreachable(node);
    }
  }

  #ofPipe(pipe: Pipe, dot: Dot): TemplateValue {
    let last: TemplateValue[] = [];
    for (const [head, ...rest] of pipe.commands) {
      if (head?.kind === "function") last = [this.#call(head.name, rest, last, pipe, dot)];
      else if (head === undefined || rest.length + last.length > 0) {
        return this.#fail(pipe, "only a function takes arguments");
      } else last = [this.#ofOperand(head, pipe, dot)];
    }
    return last[0] ?? null;
  }

  /** `last`: what the command before has given, if there was one. */
  #call(
    name: string,
    operands: readonly Operand[],
    last: readonly TemplateValue[],
    pipe: Pipe,
    dot: Dot,
  ): TemplateValue {
    const args = [...operands.map((each) => this.#ofOperand(each, pipe, dot)), ...last];
    if (this.problem !== null) return null;
    const given = this.#given(name, args);
    return "value" in given ? given.value : this.#fail(pipe, given.why);
  }

  #given(name: string, args: readonly TemplateValue[]): Given {
    if (name === "and" || name === "or") {
      const found = args.find((each) => isTrue(each) === (name === "or"));
      const value = found === undefined ? args.at(-1) : found;
      return value === undefined ? { why: `${name} takes an argument` } : { value };
    }
    const call = Object.hasOwn(this.#functions, name) ? this.#functions[name] : undefined;
    if (call === undefined) return builtIn(name, args) ?? { why: `nobody knows ${name} here` };
    const [argument] = args;
    if (args.length !== 1 || typeof argument !== "string") return { why: `${name} takes one text` };
    const value = call(argument);
    return value === null ? { why: `there is no ${name} of that name` } : { value };
  }

  #ofOperand(operand: Operand, pipe: Pipe, dot: Dot): TemplateValue {
    switch (operand.kind) {
      case "literal":
        return operand.value;
      case "field":
        return this.#fieldOf(operand.isOfWhole ? whole : dot, operand.names, pipe);
      case "function":
        return this.#call(operand.name, [], [], pipe, dot);
      case "pipe":
        return this.#ofPipe(operand.pipe, dot);
      default:
        return unreachable(operand);
    }
  }

  #fieldOf(dot: Dot, names: readonly string[], pipe: Pipe): TemplateValue {
    if (dot !== whole && names.length === 0) return dot;
    if (dot instanceof Map && names.length === 1) return dot.get(names[0] as string) ?? null;
    for (let count = names.length; dot === whole && count > 0; count -= 1) {
      const found = this.#fields.get(`.${names.slice(0, count).join(".")}`);
      if (found !== undefined) return this.#fieldOf(found, names.slice(count), pipe);
    }
    return this.#fail(pipe, "nobody knows it here");
  }

  #fail({ source }: Pipe, why: string): null {
    this.problem ??= cantFillIn(source, why);
    return null;
  }
}
