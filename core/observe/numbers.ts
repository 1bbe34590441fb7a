/** Numbers as people read them: the same in every locale. */

/** `12345.6` as `12,346`, or with one digit as `12,345.6`. */
export function grouped(value: number, digits = 0): string {
  const [whole = "", fraction] = value.toFixed(digits).split(".");
  const groups = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? groups : `${groups}.${fraction}`;
}

/** `1 run`, `2 runs`, `2 tries`. */
export function counted(count: number, noun: string): string {
  const some = noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${grouped(count)} ${count === 1 ? noun : some}`;
}
