/**
 * The words of one command, taken one by one: `verb word word key=value`. Whatever is left when
 * the command is done was not understood, and is an error.
 */
export class Arguments {
  readonly verb: string;
  readonly #words: string[] = [];
  #options: (readonly [key: string, value: string])[] = [];

  constructor(command: string) {
    const [verb = "", ...rest] = command.split(" ").filter((word) => word !== "");
    this.verb = verb;
    for (const word of rest) {
      const equals = word.indexOf("=");
      if (equals < 0) this.#words.push(word);
      else this.#options.push([word.slice(0, equals), word.slice(equals + 1)]);
    }
  }

  /** The next word. */
  word(what: string): string {
    const word = this.#words.shift();
    if (word === undefined) throw new Error(`${this.verb}: ${what} is missing`);
    return word;
  }

  /** All words that are left. */
  words(): string[] {
    return this.#words.splice(0);
  }

  number(what: string): number {
    return asNumber(what, this.word(what));
  }

  /** Whether `word` is among the words. */
  flag(word: string): boolean {
    const at = this.#words.indexOf(word);
    if (at >= 0) this.#words.splice(at, 1);
    return at >= 0;
  }

  option(key: string): string | null {
    const found = this.#options.find(([other]) => other === key);
    this.#options = this.#options.filter((option) => option !== found);
    return found?.[1] ?? null;
  }

  numberOption(key: string): number | null {
    const text = this.option(key);
    return text === null ? null : asNumber(key, text);
  }

  /** `key=a,b,c`; none for a key that is not there. */
  list(key: string): string[] {
    return (this.option(key) ?? "").split(",").filter((item) => item !== "");
  }

  /** `key=a:1,b:2`. */
  table(key: string): Map<string, string> {
    const pairs = this.list(key).map((item) => item.split(":"));
    return new Map(pairs.map(([name = "", value = ""]) => [name, value]));
  }

  /** All options with one of `keys`, in the order in which they stand. */
  optionsIn(keys: readonly string[]): (readonly [key: string, value: string])[] {
    const found = this.#options.filter(([key]) => keys.includes(key));
    this.#options = this.#options.filter((option) => !found.includes(option));
    return found;
  }

  done(): void {
    const left = [...this.#words, ...this.#options.map(([key]) => `${key}=`)];
    if (left.length > 0) throw new Error(`${this.verb} does not know: ${left.join(" ")}`);
  }
}

function asNumber(what: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`${what} is a number, not ${text}`);
  return Number(text);
}
