import { Random, type Tap } from "../../core/base/random.ts";

/**
 * Every choice that chance makes in a run, as one list: the words that the world's streams draw, in
 * the order in which they are drawn, whichever stream asks. What a node draws by itself follows
 * from four of them, its seed at each start.
 *
 * A run is then a function of the plan and the list. `recording` makes the list, `replaying` runs
 * from it, `branching` keeps the past and lets chance choose anew from some point on.
 */
export type Choices = Uint32Array<ArrayBuffer>;

/** What stands between chance and a run. */
export interface Taps {
  /** Hears of every choice that chance makes, and may make another. */
  readonly tap?: Tap;
  /** The same of every word that nodes draw by themselves. */
  readonly nodeTap?: Tap;
}

/** A point of a run: how much had been drawn before it. */
export interface Drawn {
  readonly choices: number;
  /** By nodes. */
  readonly byNodes: number;
}

/** Takes down the choices of a run. */
export class ChoiceRecorder {
  #words = new Uint32Array(4096);
  #count = 0;

  /** To be given to the run. */
  readonly tap: Tap = (word) => {
    if (this.#count === this.#words.length) this.#grow();
    this.#words[this.#count] = word;
    this.#count += 1;
    return word;
  };

  /** How many were made so far. */
  get count(): number {
    return this.#count;
  }

  /** Those made so far. */
  list(): Choices {
    return this.#words.slice(0, this.#count);
  }

  #grow(): void {
    const wider = new Uint32Array(2 * this.#words.length);
    wider.set(this.#words);
    this.#words = wider;
  }
}

/** The recorded choices, and chance again when a run makes more than there are. */
export function replaying(choices: Choices): Tap {
  let at = 0;
  return (word) => {
    const chosen = choices[at];
    at += 1;
    return chosen ?? word;
  };
}

/**
 * What was drawn before `kept` as it was; from there on another chance, of the stream `future`, for
 * the nodes as well.
 */
export function branching(choices: Choices, kept: Drawn, future: number): Required<Taps> {
  const random = futureOf(kept.choices, future);
  const nodes = random.split("nodes");
  const replay = replaying(choices);
  return {
    tap: keeping(kept.choices, replay, random),
    nodeTap: keeping(kept.byNodes, (word) => word, nodes),
  };
}

/** As `branching`, where the choices that are kept follow from the seed of the run. */
export function diverging({ kept, future }: BranchPoint): Tap {
  return keeping(kept, (word) => word, futureOf(kept, future));
}

/** The first `kept` words go to `past`, the rest is drawn from `random`. */
function keeping(kept: number, past: Tap, random: Random): Tap {
  let at = 0;
  return (word) => {
    at += 1;
    return at <= kept ? past(word) : random.u32();
  };
}

/** Another future after the first `kept` choices of a run: of the stream `future`. */
export interface BranchPoint {
  readonly kept: number;
  readonly future: number;
}

function futureOf(kept: number, future: number): Random {
  return new Random([future, kept, 0xb7a9, 1]);
}

const bytesEach = Uint32Array.BYTES_PER_ELEMENT;

/** In base 64, four bytes a choice, the lowest first. */
export function choicesText(choices: Choices): string {
  const bytes = Buffer.alloc(choices.length * bytesEach);
  for (const [at, word] of choices.entries()) bytes.writeUInt32LE(word, at * bytesEach);
  return bytes.toString("base64");
}

/** What `choicesText` wrote; null when the text is nothing of the kind. */
export function parseChoices(text: string): Choices | null {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text || bytes.length % bytesEach !== 0) return null;
  return Uint32Array.from({ length: bytes.length / bytesEach }, (_, at) =>
    bytes.readUInt32LE(at * bytesEach),
  );
}
