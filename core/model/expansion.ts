import { filledIn } from "./filling.ts";
import { parseTemplate, type TemplateProblem } from "./template-syntax.ts";
import type { TemplateFunction, TemplateObject } from "./template-value.ts";

/** Fills in the texts of a task, and keeps what was wrong with the first one that could not be. */
export class Expansion {
  problem: string | null = null;
  readonly #fields: TemplateObject;
  readonly #functions: ReadonlyMap<string, TemplateFunction>;

  constructor(
    fields: TemplateObject,
    functions: ReadonlyMap<string, TemplateFunction> = new Map(),
  ) {
    this.#fields = fields;
    this.#functions = functions;
  }

  /** The text with its placeholders filled in; as it is where there is a problem. */
  of(text: string): string {
    if (!text.includes("{{")) return text;
    const { nodes, problem } = parseTemplate(text);
    if (problem !== null) return this.#left(text, problem);
    const [root, functions] = [this.#fields, this.#functions];
    const filled = filledIn(nodes, { root, functions, missingKey: "error" });
    return "text" in filled ? filled.text : this.#left(text, filled.problem);
  }

  #left(text: string, { action, why }: TemplateProblem): string {
    this.problem ??= `can't fill in ${action.trim().slice(0, 80)}: ${why}`;
    return text;
  }
}
