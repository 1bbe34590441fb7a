/** JSON that has been written already: an answer's whole body, or a part of it. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}

/** Objects of the store never change: each is written once, and kept for as long as it is there. */
export class Written<T extends object> {
  readonly #show: (object: T) => object;
  readonly #texts = new WeakMap<T, string>();

  /** `show` tells of nothing but the object itself. */
  constructor(show: (object: T) => object) {
    this.#show = show;
  }

  /** As JSON, always in braces. */
  textOf(object: T): string {
    const known = this.#texts.get(object);
    if (known !== undefined) return known;
    const text = JSON.stringify(this.#show(object));
    this.#texts.set(object, text);
    return text;
  }

  bodyOf(object: T): JsonText {
    return new JsonText(this.textOf(object));
  }

  listOf(objects: readonly T[]): JsonText {
    return listOfTexts(objects.map((object) => this.textOf(object)));
  }
}

/** A list of what is JSON each. */
export function listOfTexts(texts: readonly string[]): JsonText {
  return new JsonText(`[${texts.join(",")}]`);
}
