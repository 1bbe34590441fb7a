import type { Task } from "../model/task.ts";
import type { StorageWrite } from "./durable.ts";

/** Whom to tell once a write is safe. */
interface WriteUnderWay {
  readonly number: number;
  /** Id of the newest Raft write in it; null when there is none, or its writer is gone. */
  raft: number | null;
  readonly tasks: ReadonlyMap<string, Task | null>;
}

/** What was given to the disk and is not known to be safe, oldest first. */
export class WritesUnderWay {
  readonly #writes: WriteUnderWay[] = [];
  #newest = 0;

  /** What one step wants written, with the number by which the disk will say that it is safe. */
  begin({ wipesRaft, raft, tasks, standing }: Omit<StorageWrite, "number">): StorageWrite {
    this.#newest += 1;
    const number = this.#newest;
    this.#writes.push({ number, raft: raft.at(-1)?.id ?? null, tasks });
    return { number, wipesRaft, raft, tasks, standing };
  }

  /** Takes out those that are safe now that the disk has said so of `number`, and tells of each. */
  takeSafe(number: number, tell: (write: Omit<WriteUnderWay, "number">) => void): void {
    let [oldest] = this.#writes;
    while (oldest !== undefined && oldest.number <= number) {
      this.#writes.shift();
      tell(oldest);
      [oldest] = this.#writes;
    }
  }

  /** The member of Raft is gone: nobody waits for what it wrote. */
  forgetRaft(): void {
    for (const write of this.#writes) write.raft = null;
  }
}
