const signals = ["SIGINT", "SIGTERM"] as const;

/** Does `work`, which is told of the first Ctrl-C or SIGTERM; the next one ends the process. */
export async function interruptible<T>(
  work: (interruption: AbortSignal) => Promise<T>,
): Promise<T> {
  const interruption = new AbortController();
  const ignore = () => {
    for (const signal of signals) process.off(signal, interrupt);
  };
  const interrupt = () => {
    ignore();
    interruption.abort();
  };
  for (const signal of signals) process.once(signal, interrupt);
  try {
    return await work(interruption.signal);
  } finally {
    ignore();
  }
}
