import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { normalized } from "../support/docker-transcript.ts";
import { comparable } from "./compare.ts";
import { sorted } from "./state.ts";
import type { Step } from "./step.ts";

/** What was answered: JSON where it is some, else text. */
export interface Answer {
  /** Of HTTP; of a command 200, or 400 and its exit code. */
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a body is JSON of any form.
  readonly body: any;
}

/** Of a task: known.ts says what engines make of them. */
const openPorts = /\*:\d+->\d+\/(?:tcp|udp)(?:,|(?=\s))/g;
/** Labels that our containers have besides Swarm's, as an event says them. */
const ourLabels = /, simswarm\.[\w.]+=[\w-]+/g;
/** What `ps` puts before all but the first task of a slot. */
const earlier = / \\_ /g;

/** Of containers, as an engine has them, and keys. */
const drawn = /\b[0-9a-f]{64}\b|SWMKEY-1-[\w+/]{43}/g;
/** Of a line of logs, or of `ps`; a short id may be without a digit. */
const taskId = /^(\S+\.\d+\.|)[0-9a-z]{12}\b/;

const patienceMs = 60_000;
/** What is followed and says nothing for so long is at its end for now. */
const quietMs = 8_000;

/** Docker's API of each node of a swarm, at its socket. */
export class Side {
  readonly name: string;
  readonly #sockets: ReadonlyMap<string, string>;
  #since = 0;

  /** `sockets` by the names of the nodes; the first one is asked where nobody is named. */
  constructor(name: string, sockets: ReadonlyMap<string, string>) {
    this.name = name;
    this.#sockets = sockets;
  }

  get nodes(): readonly string[] {
    return [...this.#sockets.keys()];
  }

  /** From the next second on, for commands that ask what has been since. */
  async begin(): Promise<void> {
    this.#since = Math.ceil(Date.now() / 1_000);
    await pause(this.#since * 1_000 - Date.now());
  }

  tell({ method, path, body, node }: Step): Promise<Answer> {
    const isCommand = method === "docker";
    return isCommand ? this.#run(path, body, node) : this.ask(method, path, body, node);
  }

  #socketOf(node = this.nodes[0] ?? ""): string {
    return this.#sockets.get(node) ?? "";
  }

  async #run(words: string, input: string | null, node?: string): Promise<Answer> {
    const env = {
      PATH: process.env.PATH,
      HOME: "/nonexistent",
      DOCKER_HOST: `unix://${this.#socketOf(node)}`,
      DOCKER_API_VERSION: "1.41",
      SINCE: String(this.#since),
    };
    const child = spawn("sh", ["-c", `timeout 100 docker ${words}`], { env, detached: true });
    const isFollowing = words.includes(" --follow ");
    if (isFollowing) endWhenQuiet(child);
    child.stdin.on("error", () => undefined);
    child.stdin.end(input ?? "");
    const [out, err, code] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      new Promise<number>((resolve) => child.once("close", (status) => resolve(status ?? 0))),
    ]);
    const status = code === 0 || isFollowing ? 200 : 400 + code;
    const shown = /^\w+ ps\b/.test(words)
      ? out.replaceAll(openPorts, "").replaceAll(earlier, " ")
      : out;
    return { status, body: { out: shownIn(shown), err: linesIn(err) } };
  }

  /** `body` is sent as it is, as JSON. Rejects where nothing is answered. */
  ask(method: string, path: string, body: string | null = null, node?: string): Promise<Answer> {
    const length = Buffer.byteLength(body ?? "");
    const type = { "content-type": "application/json", "content-length": length };
    const headers = body === null ? {} : type;
    const socketPath = this.#socketOf(node);
    const options = { socketPath, method, path: `/v1.41${path}`, headers };
    return new Promise((resolve, reject) => {
      const asked = request(options, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
        });
        response.once("end", () => {
          resolve({ status: response.statusCode ?? 0, body: bodyIn(text) });
        });
        response.once("error", reject);
      });
      asked.setTimeout(patienceMs, () => {
        asked.destroy(new Error(`${this.name} does not answer ${method} ${path}`));
      });
      asked.once("error", reject);
      asked.end(body ?? undefined);
    });
  }

  /** As before, but what is refused is an error. */
  async must(
    method: string,
    path: string,
    body: unknown = null,
    node?: string,
  ): Promise<Answer["body"]> {
    const sent = body === null ? null : JSON.stringify(body);
    const answer = await this.ask(method, path, sent, node);
    if (answer.status < 400) return answer.body;
    const words = `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`;
    throw new Error(`${this.name} refuses ${words}`);
  }
}

/** Ends, with all that it has begun, what has had nothing to say for a while. */
function endWhenQuiet(child: ChildProcessWithoutNullStreams): void {
  let since = Date.now();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", () => {
      since = Date.now();
    });
  }
  const clock = setInterval(() => {
    if (Date.now() - since > quietMs) process.kill(-(child.pid ?? 0), "SIGKILL");
  }, 100);
  child.once("exit", () => clearInterval(clock));
}

/** JSON, or lines, which may be JSON too. */
function shownIn(out: string): unknown {
  const all = bodyIn(out);
  return typeof all === "string" ? linesIn(out) : all;
}

/** How often there is each line: the order of tasks which are at work side by side says nothing. */
function linesIn(all: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const line of normalized(all).split("\n").filter(Boolean)) {
    const shown = comparable(
      bodyIn(line.replaceAll(drawn, "ID").replaceAll(ourLabels, "").replace(taskId, "$1ID")),
    );
    const text = typeof shown === "string" ? shown : JSON.stringify(sorted(shown));
    found[text] = (found[text] ?? 0) + 1;
  }
  return found;
}

function bodyIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
