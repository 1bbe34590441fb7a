import type { ClusterFrame } from "../../../core/observe/frame.ts";
import type {
  ClusterSource,
  CommandOutcome,
  Moment,
  SourceCommand,
} from "../../../core/observe/source.ts";
import type { Recording } from "../../../sim/recording.ts";
import { recordRun } from "../../../sim/recording.ts";
import type { ScenarioPlan } from "../../../sim/scenario/dsl.ts";

/** A moment around a frame, with little else in it. */
export function momentOf(frame: ClusterFrame, also: Partial<Moment> = {}): Moment {
  return {
    frame,
    events: [],
    availability: {},
    violations: [],
    connection: null,
    playback: { isPlaying: false, speed: 1, known: frame.at, isOver: false },
    ...also,
  };
}

/** A run that was recorded, and what its story told. */
export function recordedRun(plan: ScenarioPlan, seed = "1") {
  const events: Moment["events"][number][] = [];
  const recording: Recording = recordRun(plan, seed, {
    observer: { story: ({ at, kind, text }) => events.push({ at: at * 1_000_000, kind, text }) },
  });
  const momentAt = (at: number, also: Partial<Moment> = {}): Moment => {
    const known = { isPlaying: false, speed: 1, known: recording.timeOf(recording.events) };
    return momentOf(recording.at(at), {
      events: events.filter((event) => event.at <= at),
      playback: { ...known, isOver: true },
      ...also,
    });
  };
  return { recording, momentAt };
}

/** A source that shows what it is given, and keeps what it is told. */
export class HandSource implements ClusterSource {
  readonly kind: ClusterSource["kind"];
  readonly title: string;
  readonly commands: SourceCommand[] = [];
  /** What each command comes to. */
  outcome: CommandOutcome = { ok: true, text: "Done." };
  isClosed = false;
  readonly #listeners = new Set<(moment: Moment) => void>();
  #newest: Moment | null;

  constructor(moment: Moment | null, kind: ClusterSource["kind"] = "simulation", title = "a run") {
    this.#newest = moment;
    this.kind = kind;
    this.title = title;
  }

  listen(heard: (moment: Moment) => void): () => void {
    this.#listeners.add(heard);
    if (this.#newest !== null) heard(this.#newest);
    return () => this.#listeners.delete(heard);
  }

  show(moment: Moment): void {
    this.#newest = moment;
    for (const heard of this.#listeners) heard(moment);
  }

  send(command: SourceCommand, done: (outcome: CommandOutcome) => void): void {
    this.commands.push(command);
    done(this.outcome);
  }

  close(): void {
    this.isClosed = true;
  }
}
