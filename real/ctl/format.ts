import { InvalidArgumentError } from "commander";
import { GoTemplate } from "./templates/go-template.ts";

export const formats = ["table", "json", "yaml"] as const;

/** How lists and objects are printed. */
export type Format = (typeof formats)[number] | TemplateFormat;

export interface TemplateFormat {
  readonly template: GoTemplate;
  /** Its lines stand in columns, below headings. */
  readonly isTable: boolean;
}

export function isTemplate(format: Format): format is TemplateFormat {
  return typeof format === "object";
}

/** `table`, `json`, `yaml`, or a Go template as Docker takes it, `table` before it or not. */
export function formatOf(text: string): Format {
  const known = formats.find((each) => each === text);
  if (known !== undefined) return known;
  if (!text.includes("{{"))
    throw new InvalidArgumentError(
      `There are: ${formats.join(", ")}, and Go templates such as '{{.Name}}'.`,
    );
  const isTable = text.startsWith("table");
  const wanted = isTable ? text.slice("table".length).trim() : text;
  try {
    return { template: new GoTemplate(unescaped(wanted)), isTable };
  } catch (error) {
    throw new InvalidArgumentError(`\n${(error as Error).message}`);
  }
}

/** `\t` and `\n` outside of actions are what they stand for: shells hand them on as they are. */
function unescaped(text: string): string {
  return text.replace(/(\{\{[\s\S]*?\}\})|\\([tn])/g, (_, action?: string, letter?: string) => {
    return action ?? (letter === "t" ? "\t" : "\n");
  });
}
