import type { Option } from "commander";

/** What the help says of an option: choices, and the default unless it is off or empty. */
export function optionDescription(option: Option): string {
  const { argChoices, description, defaultValueDescription } = option;
  const byDefault = defaultValueDescription ?? defaultText(option.defaultValue);
  const notes = [
    ...(argChoices === undefined ? [] : [argChoices.join(", ")]),
    ...(byDefault === "" ? [] : [`default: ${byDefault}`]),
  ];
  return notes.length === 0 ? description : `${description} (${notes.join("; ")})`;
}

function defaultText(value: unknown): string {
  if (value === undefined || value === false || value === true) return "";
  return Array.isArray(value) ? value.join(", ") : String(value);
}
