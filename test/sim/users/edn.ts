/** What a history's EDN is made of. Keywords are texts that begin with a colon. */
export type Edn = null | number | string | readonly Edn[] | { readonly [key: string]: Edn };

/** Reads one EDN value: nil, whole numbers, texts without escapes, keywords, vectors and maps. */
export function parseEdn(text: string): Edn {
  const tokens = text.match(/"[^"]*"|[[\]{}]|[^\s,[\]{}]+/g) ?? [];
  const [value, rest] = readValue(tokens, 0);
  if (rest !== tokens.length) throw new Error(`left over: ${tokens.slice(rest).join(" ")}`);
  return value;
}

function readValue(tokens: readonly string[], at: number): [value: Edn, next: number] {
  const token = tokens[at];
  if (token === "[") return readUntil(tokens, at + 1, "]");
  if (token === "{") {
    const [items, next] = readUntil(tokens, at + 1, "}");
    const pairs = items.flatMap((item, place) =>
      place % 2 === 0 ? [[item, items[place + 1]]] : [],
    );
    return [Object.fromEntries(pairs) as { readonly [key: string]: Edn }, next];
  }
  if (token === "nil") return [null, at + 1];
  if (token?.startsWith('"')) return [token.slice(1, -1), at + 1];
  if (token?.startsWith(":")) return [token, at + 1];
  if (token === undefined || !/^-?\d+$/.test(token)) throw new Error(`not EDN: ${token}`);
  return [Number(token), at + 1];
}

function readUntil(tokens: readonly string[], from: number, end: string): [Edn[], number] {
  const items: Edn[] = [];
  let at = from;
  while (tokens[at] !== end) {
    const [item, next] = readValue(tokens, at);
    items.push(item);
    at = next;
  }
  return [items, at + 1];
}
