/** One thing that is wrong: enough for the author of a scenario to mend it without asking. */
export interface Complaint {
  readonly reason: string;
  /** What to do about it. */
  readonly help: string;
}

export interface ScenarioProblem extends Complaint {
  /** Such as `steps[2] at 40s partition`, `services[0] "web"` or `topology.workers[1]`. */
  readonly where: string;
}

/** Complaints about one and the same part of a scenario. */
export function problemsAt(where: string, complaints: readonly Complaint[]): ScenarioProblem[] {
  return complaints.map((complaint) => ({ where, ...complaint }));
}

/** A value as it would be written, cut short; of a structure only what kind it is. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value);
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) ? `a list of ${value.length}` : "an object";
    case "bigint":
      return `${value}n`;
    case "function":
      return "a function";
    default:
      return String(value);
  }
}

const listedMost = 12;

/** `a, b and c`; what is beyond `listedMost` is only counted. */
export function listed(words: readonly string[], last = "and"): string {
  const more = words.length - listedMost;
  if (more > 0) return `${words.slice(0, listedMost).join(", ")} ${last} ${more} more`;
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} ${last} ${words[words.length - 1]}`;
}

/** Points to the known word that was probably meant, or else lists the known ones. */
export function suggestion(word: string, known: readonly string[], what: string): string {
  const near = nearest(word, known);
  if (near !== null) return `did you mean "${near}"?`;
  return known.length === 0 ? `there is no ${what} at all` : `known: ${listed(known)}`;
}

/** The one known word with the fewest typing mistakes, or null when none is near. */
function nearest(word: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let fewest = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const mistakes = distance(word.toLowerCase(), candidate.toLowerCase());
    if (mistakes > fewest) continue;
    best = mistakes < fewest ? candidate : null;
    fewest = mistakes;
  }
  return best;
}

/** Letters inserted, left out, replaced or swapped with their neighbour (Damerau, Levenshtein). */
function distance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      let least = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (row > 1 && column > 1 && swapped) {
        least = Math.min(least, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(least);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length] ?? 0;
}
