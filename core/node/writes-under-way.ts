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

  /** Takes out the oldest, if it is safe now that the disk has said so of `number`; or null. */
  takeSafe(number: number): Omit<WriteUnderWay, "number"> | null {
    const [oldest] = this.#writes;
    if (oldest === undefined || oldest.number > number) return null;
    this.#writes.shift();
    return oldest;
  }

  /** The member of Raft is gone: nobody waits for what it wrote. */
  forgetRaft(): void {
    for (const write of this.#writes) write.raft = null;
  }
}
