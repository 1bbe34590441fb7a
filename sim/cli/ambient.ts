/** What a run must not ask for: the time, chance and timers of the machine it runs on. */
const names = [
  ...["Date", "performance", "setTimeout", "setInterval", "setImmediate", "queueMicrotask"],
  ...["crypto", "fetch"],
] as const;

/** Calls `run` while whoever asks for one of these gets an error, with the place in its stack. */
export function withoutAmbient<T>(run: () => T): T {
  const before = names.map(
    (name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const,
  );
  const { random } = Math;
  try {
    Math.random = () => refuse("Math.random");
    for (const name of names) {
      Object.defineProperty(globalThis, name, { get: () => refuse(name), configurable: true });
    }
    return run();
  } finally {
    Math.random = random;
    for (const [name, descriptor] of before) {
      if (descriptor !== undefined) Object.defineProperty(globalThis, name, descriptor);
    }
  }
}

function refuse(name: string): never {
  throw new Error(`the run asked for ${name}`);
}
