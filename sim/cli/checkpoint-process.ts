import { Digest } from "../digest.ts";
import type { SimEvent } from "../kernel.ts";
import { plantedOf } from "../planted.ts";
import { Run } from "../run.ts";
import { record } from "../trace/trace.ts";
import type { Watcher } from "../world/watch.ts";
import { withoutAmbient } from "./ambient.ts";
import { print } from "./output.ts";
import { optionsOf, subjectOf } from "./subject.ts";

/**
 * A process of its own, which runs something and prints what it saw, for `sim check-determinism` to
 * compare with what another process saw.
 */

export interface CheckpointRequest {
  readonly file: string;
  /** Null for a kept failure, which knows its own. */
  readonly seed: string | null;
  /** Take a digest after this many events. */
  readonly every: number;
  /** Every line is wanted after this event, up to the next checkpoint; null: of none. */
  readonly linesAfter: number | null;
  /** Whether asking the world outside for the time, or for chance, is an error. */
  readonly forbidsAmbient: boolean;
}

export interface Checkpoints {
  /** Of all events so far, after each `every` of them. */
  readonly digests: readonly string[];
  readonly lines: readonly string[];
  /** Of the whole run, as it is printed. */
  readonly digest: string;
  readonly events: number;
  /** Why the run could not be finished; null when it was. */
  readonly problem: string | null;
}

class Taker implements Watcher {
  readonly digests: string[] = [];
  readonly lines: string[] = [];
  readonly #request: CheckpointRequest;
  readonly #hosts: readonly string[];
  readonly #digest = new Digest();
  #count = 0;

  constructor(request: CheckpointRequest, hosts: readonly string[]) {
    this.#request = request;
    this.#hosts = hosts;
  }

  handled(event: SimEvent): void {
    const { every, linesAfter } = this.#request;
    const line = JSON.stringify(record(event, this.#hosts));
    const isWanted = linesAfter !== null && this.#count >= linesAfter;
    if (isWanted && this.#count < linesAfter + every) this.lines.push(line);
    this.#digest.text(line);
    this.#count += 1;
    if (this.#count % every === 0) this.digests.push(this.#digest.hex());
  }

  get all(): string[] {
    return [...this.digests, this.#digest.hex()];
  }
}

async function main(request: CheckpointRequest): Promise<Checkpoints> {
  const { file, seed, forbidsAmbient } = request;
  const subject = await subjectOf(file, seed === null ? {} : { seed });
  const found: { taker: Taker | null } = { taker: null };
  const options = {
    ...optionsOf(subject),
    observer: {
      watch: ({ hosts }: { readonly hosts: readonly { readonly name: string }[] }) => {
        found.taker = new Taker(
          request,
          hosts.map(({ name }) => name),
        );
        return found.taker;
      },
    },
  };
  const run = () => new Run(subject.plan, subject.seed, options, plantedOf(subject.bug)).toEnd();
  try {
    const { digest, events } = forbidsAmbient ? withoutAmbient(run) : run();
    const { all: digests = [], lines = [] } = found.taker ?? {};
    return { digests, lines, digest, events, problem: null };
  } catch (error) {
    const { all: digests = [], lines = [] } = found.taker ?? {};
    const problem = error instanceof Error ? (error.stack ?? String(error)) : String(error);
    return { digests, lines, digest: "", events: 0, problem };
  }
}

// Ctrl-C reaches both processes: the one that has started this one ends it.
process.on("SIGINT", () => undefined);
main(JSON.parse(process.argv[2] ?? "null")).then((found) => print(JSON.stringify(found)));
