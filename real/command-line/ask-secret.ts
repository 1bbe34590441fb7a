import { createInterface } from "node:readline";
import { Writable } from "node:stream";

/** Asks on the terminal, and does not show what is typed. Rejects when `signal` says so. */
export function askSecret(question: string, signal?: AbortSignal): Promise<string> {
  process.stderr.write(question);
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  return new Promise((resolve, reject) => {
    const over = () => {
      lines.close();
      process.stderr.write("\n");
    };
    signal?.addEventListener("abort", () => {
      over();
      reject(signal.reason);
    });
    lines.question("", (answer) => {
      over();
      resolve(answer.trim());
    });
  });
}
