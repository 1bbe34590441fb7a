import { request } from "node:http";

/** What was answered: JSON where it is some, else text. */
export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a body is JSON of any form.
  readonly body: any;
}

const patienceMs = 60_000;

/** Docker's API at a socket. */
export class Side {
  readonly name: string;
  readonly #socketPath: string;

  constructor(name: string, socketPath: string) {
    this.name = name;
    this.#socketPath = socketPath;
  }

  /** `body` is sent as it is, as JSON. Rejects where nothing is answered. */
  ask(method: string, path: string, body: string | null = null): Promise<Answer> {
    const length = Buffer.byteLength(body ?? "");
    const type = { "content-type": "application/json", "content-length": length };
    const headers = body === null ? {} : type;
    const options = { socketPath: this.#socketPath, method, path: `/v1.41${path}`, headers };
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
  async must(method: string, path: string, body: unknown = null): Promise<Answer["body"]> {
    const answer = await this.ask(method, path, body === null ? null : JSON.stringify(body));
    if (answer.status < 400) return answer.body;
    const words = `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`;
    throw new Error(`${this.name} refuses ${words}`);
  }
}

function bodyIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
