import type { ClusterFrame } from "../../../core/observe/frame.ts";
import type {
  ClusterSource,
  CommandOutcome,
  PlaybackFrame,
  SourceCommand,
  SourceMoment,
  TimeMark,
} from "../../../core/observe/source.ts";
import type { Recording } from "../../../sim/record/recording.ts";
import { recordRun } from "../../../sim/record/recording.ts";
import type { ScenarioPlan } from "../../../sim/scenario/dsl.ts";

/** A simulation that stands still, and of which nothing is known. */
export const paused: PlaybackFrame = {
  ...{ playing: null, speed: 1, known: 0, isOver: false, marks: [], underWay: null },
};

/** A moment around a frame, with little else in it. */
export function momentOf(frame: ClusterFrame, also: Partial<SourceMoment> = {}): SourceMoment {
  return {
    frame,
    events: [],
    availability: {},
    violations: [],
    connection: null,
    playback: { ...paused, known: frame.at },
    ...also,
  };
}

/** A run that was recorded, and what its story told. */
export function recordedRun(plan: ScenarioPlan, seed = "1") {
  const events: SourceMoment["events"][number][] = [];
  const recording: Recording = recordRun(plan, seed, {
    observer: { story: ({ at, kind, text }) => events.push({ at: at * 1_000_000, kind, text }) },
  });
  const marks = events.flatMap(({ at, kind }): TimeMark[] =>
    kind === "election" || kind === "fault" || kind === "heal" ? [{ at, kind }] : [],
  );
  const momentAt = (at: number, also: Partial<SourceMoment> = {}): SourceMoment => {
    const known = recording.timeOf(recording.events);
    return momentOf(recording.at(at), {
      events: events.filter((event) => event.at <= at),
      playback: { ...paused, known, isOver: true, marks },
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
  readonly #listeners = new Set<(moment: SourceMoment) => void>();
  #newest: SourceMoment | null;

  constructor(
    moment: SourceMoment | null,
    kind: ClusterSource["kind"] = "simulation",
    title = "a run",
  ) {
    this.#newest = moment;
    this.kind = kind;
    this.title = title;
  }

  listen(heard: (moment: SourceMoment) => void): () => void {
    this.#listeners.add(heard);
    if (this.#newest !== null) heard(this.#newest);
    return () => this.#listeners.delete(heard);
  }

  show(moment: SourceMoment): void {
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
