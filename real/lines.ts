import { StringDecoder } from "node:string_decoder";

/** A line is cut where it gets longer: nothing that a peer sends makes memory grow. */
const longestLine = 1024 * 1024;

/** Takes bytes piece by piece and gives back the lines that they complete. */
export class LineSplitter {
  readonly #decoder = new StringDecoder("utf8");
  #rest = "";

  push(bytes: Uint8Array): string[] {
    const lines = (this.#rest + this.#decoder.write(Buffer.from(bytes))).split("\n");
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > longestLine) lines.push(this.end());
    return lines;
  }

  /** What lies behind the last line's end; empty when there is nothing. */
  end(): string {
    const rest = this.#rest + this.#decoder.end();
    this.#rest = "";
    return rest;
  }
}

/** The lines of a stream, without their ends. Throws when the stream breaks. */
export async function* linesOf(stream: AsyncIterable<unknown>): AsyncGenerator<string> {
  const splitter = new LineSplitter();
  for await (const chunk of stream) yield* splitter.push(chunk as Uint8Array);
  const rest = splitter.end();
  if (rest !== "") yield rest;
}
