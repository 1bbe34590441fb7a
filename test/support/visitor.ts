import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Machines } from "./machines.ts";

/** Connects to what it is told, and says what it has heard. Runs on another machine. */
const program = `
const { connect } = require("node:net");
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const [id, host, port] = line.split(" ");
  const socket = connect({ host, port: Number(port) });
  let said = "";
  const tell = (what) => {
    clearTimeout(timer);
    socket.destroy();
    console.log(id + " " + what);
  };
  const timer = setTimeout(() => tell("! timeout"), 60000);
  socket.on("data", (data) => { said += data; });
  socket.once("end", () => tell(said));
  socket.once("error", (error) => tell("! " + error.code));
});
`;

/** A machine beside the cluster, from which somebody connects to its nodes. */
export class Visitor {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<string, (said: string) => void>();
  #asked = 0;

  constructor(machines: Machines, name = "visitor") {
    machines.add(name);
    const [command = "", ...enter] = machines.enter(name);
    const args = [...enter, process.execPath, "-e", program];
    this.#process = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface({ input: this.#process.stdout as NodeJS.ReadableStream });
    lines.on("line", (line) => {
      const end = line.indexOf(" ");
      const id = line.slice(0, end);
      this.#waiting.get(id)?.(line.slice(end + 1));
      this.#waiting.delete(id);
    });
  }

  /** What one connection to `host` hears until its end; `! ECONNREFUSED` and the like if none. */
  visit(host: string, port: number): Promise<string> {
    this.#asked += 1;
    const id = String(this.#asked);
    this.#process.stdin?.write(`${id} ${host} ${port}\n`);
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  stop(): void {
    this.#process.kill("SIGKILL");
  }
}
