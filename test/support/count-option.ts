/** What a program of the tests says of one of its options that is a count. */
export interface CountOption {
  readonly name: string;
  /** Nothing: nine digits are enough. */
  readonly most?: number;
  readonly usage: string;
}

/** A whole number, 1 or more. Throws what is wrong with `text`, and the usage. */
export function countOf({ name, most, usage }: CountOption, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text) && Number(text) <= (most ?? Number(text))) return Number(text);
  const range = most === undefined ? "from 1 on" : `from 1 to ${most}`;
  throw new Error(`--${name} is a whole number ${range}, not '${text}'\n${usage}`);
}
