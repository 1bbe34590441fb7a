import type { Standing } from "../model/standing.ts";
import type { Task } from "../model/task.ts";
import type { HardState, Snapshot } from "../raft/message.ts";
import { RaftImage } from "../wal/raft-image.ts";
import type { Durable, StorageWrite } from "./durable.ts";

/** What is safe on a disk: the part that a crash leaves. */
export class DiskImage {
  raft = new RaftImage();
  readonly tasks = new Map<string, Task>();
  standing: Standing | null = null;

  /** The image of a disk that holds just this. */
  static of({ hardState, snapshot, entries, tasks, standing }: Durable): DiskImage {
    const image = new DiskImage();
    image.raft.apply({ id: 0, hardState, snapshot, entries, compactTo: 0 });
    for (const [id, task] of tasks) image.tasks.set(id, task);
    image.standing = standing;
    return image;
  }

  get hardState(): HardState | null {
    return this.raft.hardState;
  }

  get snapshot(): Snapshot | null {
    return this.raft.snapshot;
  }

  get lastIndex(): number {
    return this.raft.lastIndex;
  }

  termAt(index: number): number {
    return this.raft.termAt(index);
  }

  apply(write: StorageWrite): void {
    if (write.wipesRaft) this.raft = new RaftImage();
    if (write.standing !== null) this.standing = write.standing;
    for (const part of write.raft) this.raft.apply(part);
    for (const [id, task] of write.tasks) {
      if (task === null) this.tasks.delete(id);
      else this.tasks.set(id, task);
    }
  }

  load(): Durable {
    const { hardState, snapshot, entries } = this.raft;
    return { hardState, snapshot, entries, tasks: new Map(this.tasks), standing: this.standing };
  }
}
