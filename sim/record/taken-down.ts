import type { StoryLine } from "../result.ts";
import type { RunRecord } from "./run-record.ts";
import { type RecordedWorld, SpanRecorder } from "./span-recorder.ts";

/** A run that is taken down, span by span: its `watch` and `story` are to be given to the run. */
export class TakenDown {
  #recorder: SpanRecorder | null = null;

  readonly watch = (world: RecordedWorld): SpanRecorder => {
    this.#recorder = new SpanRecorder(world);
    return this.#recorder;
  };

  readonly story = (line: StoryLine): void => this.#recorder?.told(line);

  /** What was seen, once, when the run is over; null for a run that was never given to it. */
  record(): RunRecord | null {
    return this.#recorder?.record() ?? null;
  }
}
