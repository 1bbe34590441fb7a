import { filledIn, isFunctionIn, type TemplateContext } from "../../../core/model/filling.ts";
import {
  parseTemplate,
  type TemplateNode,
  type TemplateProblem,
} from "../../../core/model/template-syntax.ts";
import type { TemplateValue } from "../../../core/model/template-value.ts";
import { absentField } from "./absent-fields.ts";
import { dockerFunctions, headingFunctions } from "./docker-functions.ts";

/** A template as `docker --format` takes it. What is wrong with it is said in Docker's words. */
export class GoTemplate {
  readonly #text: string;
  readonly #nodes: readonly TemplateNode[];

  /** Throws where it can't be read. */
  constructor(text: string) {
    const isFunction = (name: string) => isFunctionIn({ functions: dockerFunctions }, name);
    const { nodes, problem } = parseTemplate(text, isFunction);
    if (problem !== null) throw new Error(wordsOf(text, problem));
    this.#text = text;
    this.#nodes = nodes;
  }

  /** Throws where it asks `root` for what it does not have. */
  of(root: TemplateValue): string {
    return this.#filled({ root, functions: dockerFunctions, absent: absentField });
  }

  /** What stands above a table that it makes of rows; `headings` by the names of fields. */
  headed(headings: TemplateValue): string {
    return this.#filled({ root: headings, functions: headingFunctions });
  }

  #filled(context: TemplateContext): string {
    const filled = filledIn(this.#nodes, context);
    if ("problem" in filled) throw new Error(wordsOf(this.#text, filled.problem));
    return filled.text;
  }
}

function wordsOf(text: string, { why, piece, at }: TemplateProblem): string {
  const before = text.slice(0, at).split("\n");
  const place = `template parsing error: template: :${before.length}`;
  if (piece === null) return `${place}: ${why}`;
  const column = Buffer.byteLength(before.at(-1) ?? "");
  return `${place}:${column}: executing "" at <${piece.source}>: ${why}`;
}
