/**
 * In the place of what would make a scenario another one each time it is loaded: the time and
 * chance of the machine. Whoever asks is told so.
 */
export const outside: Readonly<Record<string, unknown>> = {
  ...Object.fromEntries(["Date", "performance", "crypto"].map((name) => [name, refusing(name)])),
  Math: new Proxy(Math, {
    get: (math, key) => (key === "random" ? () => refuse("Math.random") : Reflect.get(math, key)),
  }),
};

function refusing(name: string): unknown {
  const refused = () => refuse(name);
  return new Proxy(Function, { get: refused, apply: refused, construct: refused });
}

function refuse(name: string): never {
  throw new Error(`a scenario is data, the same each time: it cannot ask for ${name}`);
}
