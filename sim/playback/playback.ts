import { unreachable } from "../../core/base/assert.ts";
import type { Planted } from "../../core/base/planted.ts";
import type {
  CommandOutcome,
  Moment,
  PlaybackCommand,
  PlaybackFrame,
} from "../../core/observe/source.ts";
import type { RunOptions } from "../result.ts";
import type { ScenarioPlan } from "../scenario/dsl.ts";
import { byHand, type HandCommand } from "./by-hand.ts";
import { type Place, Tape } from "./tape.ts";

const second = 1_000_000;
const always = Number.MAX_SAFE_INTEGER;

/** Which run is played. */
export interface Played {
  readonly plan: ScenarioPlan;
  readonly seed: string;
  /** Made anew for each run, as some work once. */
  readonly options: () => RunOptions;
  readonly planted: Planted;
}

type Done = (outcome: CommandOutcome) => void;

/** Something that takes a while: does a part of it, and says what came of it once it is done. */
interface Task {
  readonly part: (events: number) => CommandOutcome | null;
  readonly done: Done;
}

/**
 * A run to move about in: forwards and backwards, and to act on.
 *
 * Model: a tape that grows while time goes beyond its end, and a place on it. What was played is
 * looked up and never run again. What is done by hand becomes a step of the plan, one microsecond
 * from now, and a new tape is played from that plan up to here: so a run that was acted on is the
 * run of a plan like any other, which can be saved.
 *
 * Nobody waits in here: whoever holds it calls `work` as long as it is busy, and `elapse` as time
 * passes.
 */
export class Playback {
  readonly #played: Played;
  #plan: ScenarioPlan;
  #tape: Tape;
  #place: Place = { event: 0, at: 0 };
  #isPlaying = false;
  #speed: number | null = 1;
  #task: Task | null = null;

  constructor(played: Played) {
    this.#played = played;
    this.#plan = played.plan;
    this.#tape = this.#newTape(played.plan);
  }

  /** The scenario with all that was done by hand. */
  get plan(): ScenarioPlan {
    return this.#plan;
  }

  /** Something is under way that `work` goes on with. */
  get isBusy(): boolean {
    return this.#task !== null;
  }

  /** The moment that is shown, in microseconds. */
  get at(): number {
    return this.#place.at;
  }

  get playback(): PlaybackFrame {
    const { result, end } = this.#tape;
    const isOver = result !== null;
    return { isPlaying: this.#isPlaying, speed: this.#speed, known: end.at, isOver };
  }

  /** The digest of the run; null while it is not over. */
  get digest(): string | null {
    return this.#tape.result?.digest ?? null;
  }

  moment(): Moment {
    const place = this.#place;
    return {
      frame: this.#tape.frame(place),
      events: this.#tape.lines(place),
      availability: this.#tape.availability(place),
      violations: this.#tape.violations(place),
      connection: null,
      playback: this.playback,
    };
  }

  /** Goes on with what is under way, by no more than so many events of the run. */
  work(events: number): void {
    const task = this.#task;
    const outcome = task?.part(events) ?? null;
    if (task === null || outcome === null) return;
    this.#task = null;
    task.done(outcome);
  }

  /**
   * So many microseconds have passed in the simulated world, if it is played: null for any number.
   * No more than so many events happen; time that this does not suffice for is lost.
   */
  elapse(us: number | null, events: number): void {
    if (!this.#isPlaying || this.#task !== null) return;
    const before = this.#place;
    if (us === null) this.#goOn(events);
    else if (this.#tape.play(before.at + us, events)) {
      this.#place = this.#tape.placeAt(this.#within(before.at + us));
    } else this.#place = this.#tape.end;
    if (this.#isAtEnd()) this.#isPlaying = false;
  }

  /** Moves. What was under way is given up. */
  control(command: PlaybackCommand, done: Done): void {
    this.#giveUp();
    switch (command.kind) {
      case "play":
        if (this.#isAtEnd()) return done(no("the run is over: go back or act on it"));
        this.#isPlaying = true;
        return done(yes("it plays"));
      case "pause":
        this.#isPlaying = false;
        return done(yes("it stands still"));
      case "speed":
        if (command.speed !== null && !(command.speed > 0)) return done(no("time does not go so"));
        this.#speed = command.speed;
        return done(yes(command.speed === null ? "as fast as it goes" : `speed ${command.speed}x`));
      case "step":
        this.#isPlaying = false;
        return this.#step(command, done);
      case "jump":
        this.#isPlaying = false;
        return this.#jump(command, done);
      default:
        return unreachable(command);
    }
  }

  /** Does something to the cluster, now. What comes later on the tape is forgotten. */
  act(command: HandCommand, done: Done): void {
    this.#giveUp();
    const { violations } = this.#tape.result ?? { violations: [] };
    if (violations.length > 0 && this.#isAtEnd()) {
      return done(no("a property broke, which has ended the run: go back first"));
    }
    const { until = always } = this.#played.options();
    if (this.#place.at >= until) return done(no(`the run is stopped at ${until / second} s`));
    const changed = byHand(this.#plan, command, this.#tape.frame(this.#place));
    if ("wrong" in changed) return done(no(changed.wrong));
    this.#replay(changed.plan, done);
  }

  /** The new plan's run, up to where we are and by the event that was added. */
  #replay(plan: ScenarioPlan, done: Done): void {
    const tape = this.#newTape(plan);
    const at = this.#place.at + 1;
    const part = (events: number) => {
      if (!tape.play(at, events)) return null;
      this.#plan = plan;
      this.#tape = tape;
      this.#place = tape.placeAt(Math.min(at, tape.end.at));
      const told = tape.lines(this.#place).filter((line) => line.at === at);
      return yes(told.at(-1)?.text ?? "it is asked for");
    };
    this.#begin(part, done);
  }

  #step({ by, count }: PlaybackCommand & { kind: "step" }, done: Done): void {
    const { event, at } = this.#place;
    if (by === "second")
      return this.#goTo(() => Math.max(0, Math.round(at + count * second)), done);
    if (count < 0) {
      this.#place = this.#tape.placeAfter(Math.max(0, event + count));
      return done(yes(""));
    }
    const to = event + count;
    this.#begin((events) => {
      const missing = to - this.#tape.count;
      if (missing > 0) this.#tape.play(always, Math.min(events, missing));
      if (this.#tape.count < to && this.#tape.result === null) return null;
      this.#place = this.#tape.count < to ? this.#tape.end : this.#tape.placeAfter(to);
      return yes("");
    }, done);
  }

  #jump({ to, direction }: PlaybackCommand & { kind: "jump" }, done: Done): void {
    if (to === "start") return this.#goTo(() => 0, done);
    if (to === "end") return this.#goTo(() => always, done);
    if (to === "violation") return this.#toViolation(direction, done);
    const tape = this.#tape;
    const isLater = this.#place.at > tape.placeAfter(this.#place.event).at;
    const from = this.#place.event + (isLater && direction === "back" ? 1 : 0);
    this.#begin((events) => {
      const found = tape.nearest(to, from, direction);
      if (found === null && direction === "forward" && tape.result === null) {
        tape.play(always, events);
        return null;
      }
      const where = direction === "back" ? "before this" : "up to the end";
      if (found === null) return no(`there is no ${to} ${where}`);
      this.#place = tape.placeAfter(found);
      return yes("");
    }, done);
  }

  #toViolation(direction: "forward" | "back", done: Done): void {
    const tape = this.#tape;
    if (direction === "back") return done(no("nothing breaks before this"));
    this.#begin((events) => {
      if (!tape.play(always, events)) return null;
      if (tape.result?.violations.length === 0) return no("nothing breaks up to the end");
      this.#place = tape.end;
      return yes("");
    }, done);
  }

  /** Where the run ends before this moment, to its end. */
  #goTo(moment: () => number, done: Done): void {
    const at = moment();
    this.#begin((events) => {
      if (!this.#tape.play(at, events)) return null;
      this.#place = this.#tape.placeAt(this.#within(at));
      return yes("");
    }, done);
  }

  #goOn(events: number): void {
    const to = this.#place.event + events;
    const missing = to - this.#tape.count;
    if (missing > 0) this.#tape.play(always, missing);
    this.#place = to < this.#tape.count ? this.#tape.placeAfter(to) : this.#tape.end;
  }

  #within(at: number): number {
    return this.#tape.result === null ? at : Math.min(at, this.#tape.end.at);
  }

  #isAtEnd(): boolean {
    return this.#tape.result !== null && this.#place.at >= this.#tape.end.at;
  }

  #begin(part: Task["part"], done: Done): void {
    this.#task = { part, done };
  }

  #giveUp(): void {
    const task = this.#task;
    this.#task = null;
    task?.done(no("given up for something else"));
  }

  #newTape(plan: ScenarioPlan): Tape {
    const { seed, options, planted } = this.#played;
    return new Tape(plan, seed, options(), planted);
  }
}

function yes(text: string): CommandOutcome {
  return { ok: true, text };
}

function no(text: string): CommandOutcome {
  return { ok: false, text };
}
