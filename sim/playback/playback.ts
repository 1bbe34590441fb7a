import { unreachable } from "../../core/base/assert.ts";
import type { Planted } from "../../core/base/planted.ts";
import type {
  CommandOutcome,
  Direction,
  PlaybackCommand,
  PlaybackFrame,
  SourceMoment,
  TimeMark,
} from "../../core/observe/source.ts";
import type { RunOptions } from "../run.ts";
import type { ScenarioPlan } from "../scenario/dsl.ts";
import { byHand, type HandCommand } from "./by-hand.ts";
import { Tape, type TapeLimits, type TapePosition } from "./tape.ts";

const second = 1_000_000;
const always = Number.MAX_SAFE_INTEGER;

/** Which run is played. */
export interface Played {
  readonly plan: ScenarioPlan;
  readonly seed: string;
  /** Made anew for each run, as some work once. */
  readonly options: () => RunOptions;
  readonly planted: Planted;
  /** Default: some hundred megabytes in a cluster of 50 nodes with 1,000 tasks. */
  readonly limits?: TapeLimits;
}

const usualLimits: TapeLimits = { events: 50_000, versions: 200_000, lines: 50_000 };

type Done = (outcome: CommandOutcome) => void;

/** Something that takes a while. */
interface Task {
  /** What it does, for whoever waits. */
  readonly what: string;
  /** The tape that is played. */
  readonly tape: Tape;
  /** Does a part of it, of no more than this many events. True when that was the last. */
  readonly part: (events: number) => boolean;
  readonly finish: () => void;
  readonly done: Done;
}

/**
 * A run to move about in: forwards and backwards, and to act on.
 *
 * Model: a tape that grows while time goes beyond its end, and a position on it. What was played is
 * looked up and never run again, except for one thing: of what is far behind the tape knows only
 * some moments, and whoever wants to see single events there has a second tape played up to them.
 * What is done by hand becomes a step of the plan, one microsecond from now, and a new tape is
 * played from that plan up to here: so a run that was acted on is the run of a plan like any other,
 * which can be saved.
 *
 * Nobody waits in here: whoever holds it calls `work` as long as it is busy, and `elapse` as time
 * passes.
 */
export class Playback {
  readonly #played: Played;
  #plan: ScenarioPlan;
  #tape: Tape;
  /** The same run, known in full where the other is not. */
  #closeUp: Tape | null = null;
  #position: TapePosition = { event: 0, at: 0 };
  #playing: Direction | null = null;
  #speed: number | null = 1;
  #task: Task | null = null;
  /** What is being done by hand, and what is to be done after it, in this order. */
  readonly #acts: { readonly command: HandCommand; readonly done: Done }[] = [];

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
    return this.#position.at;
  }

  get playback(): PlaybackFrame {
    const { result, end, marks } = this.#tape;
    const task = this.#task;
    const underWay = task && { what: task.what, at: task.tape.end.at };
    const known = { known: end.at, isOver: result !== null, marks };
    return { playing: this.#playing, speed: this.#speed, ...known, underWay };
  }

  /** The digest of the run; null while it is not over. */
  get digest(): string | null {
    return this.#tape.result?.digest ?? null;
  }

  moment(): SourceMoment {
    const position = this.#position;
    const shown = this.#shown;
    return {
      frame: shown.frame(position),
      events: shown.lines(position),
      availability: shown.availability(position),
      violations: this.#tape.violations(position),
      connection: null,
      playback: this.playback,
    };
  }

  /** Goes on with what is under way, by no more than this many events of the run. */
  work(events: number): void {
    const task = this.#task;
    if (task === null || !task.part(events)) return;
    this.#task = null;
    task.finish();
  }

  /**
   * Plays on, if it is being played, by `us`: the microseconds that have passed outside, times the
   * speed; null for any number. At most `events` happen; time that they do not fill is lost.
   */
  elapse(us: number | null, events: number): void {
    if (this.#playing === null || this.#task !== null) return;
    this.#position = this.#playing === "back" ? this.#before(us, events) : this.#after(us, events);
    if (this.#playing === "back" ? this.#position.at === 0 : this.#isAtEnd()) this.#playing = null;
  }

  /** Moves. What was under way is given up. */
  control(command: PlaybackCommand, done: Done): void {
    const wasBusy = this.isBusy;
    this.#giveUp(command.kind === "stop" ? "" : "given up for something else");
    switch (command.kind) {
      case "play":
        return done(this.#play(command.direction));
      case "pause":
        this.#playing = null;
        return done(yes(""));
      case "stop":
        return done(yes(wasBusy ? "stopped" : ""));
      case "speed":
        if (command.speed !== null && !(command.speed > 0)) return done(no("time does not go so"));
        this.#speed = command.speed;
        return done(yes(command.speed === null ? "as fast as it goes" : `speed ${command.speed}x`));
      case "step":
        this.#playing = null;
        return this.#step(command, done);
      case "jump":
        this.#playing = null;
        return this.#jump(command, done);
      default:
        return unreachable(command);
    }
  }

  #play(direction: Direction): CommandOutcome {
    const isBack = direction === "back";
    if (isBack && this.#position.at === 0) return no("this is the start");
    if (!isBack && this.#isAtEnd()) return no("the run is over: go back or act on it");
    this.#playing = direction;
    return yes("");
  }

  /**
   * Does something to the cluster, now, or once what was done before is there. What comes later on
   * the tape is forgotten.
   */
  act(command: HandCommand, done: Done): void {
    if (this.#acts.length === 0) this.#giveUp("given up for something else");
    this.#acts.push({ command, done });
    if (this.#acts.length === 1) this.#nextAct();
  }

  #nextAct(): void {
    const [act] = this.#acts;
    if (act === undefined) return;
    this.#carryOut(act.command, (outcome) => {
      this.#acts.shift();
      act.done(outcome);
      this.#nextAct();
    });
  }

  #carryOut(command: HandCommand, done: Done): void {
    const { violations } = this.#tape.result ?? { violations: [] };
    if (violations.length > 0 && this.#isAtEnd()) {
      return done(no("a property broke, which has ended the run: go back first"));
    }
    const { until = always } = this.#played.options();
    if (this.#position.at >= until) return done(no(`the run is stopped at ${until / second} s`));
    this.#inFull(done, () => {
      const changed = byHand(this.#plan, command, this.#shown.frame(this.#position));
      if ("wrong" in changed) return done(no(changed.wrong));
      this.#replay(changed.plan, done);
    });
  }

  /** The new plan's run, up to where we are and by the event that was added. */
  #replay(plan: ScenarioPlan, done: Done): void {
    const tape = this.#newTape(plan);
    const at = this.#position.at + 1;
    const finish = () => {
      this.#plan = plan;
      this.#tape = tape;
      this.#closeUp = null;
      this.#position = tape.positionAt(Math.min(at, tape.end.at));
      const told = tape.lines(this.#position).filter((line) => line.at === at);
      done(yes(told.at(-1)?.text ?? "it is asked for"));
    };
    const part = (events: number) => tape.play(at, events);
    this.#task = { what: `anew up to ${inSeconds(at)}`, tape, part, finish, done };
  }

  #step({ by, count }: PlaybackCommand & { kind: "step" }, done: Done): void {
    if (by === "event") {
      return this.#inFull(done, () =>
        this.#toEvent(Math.max(0, this.#position.event + count), done),
      );
    }
    const at = Math.max(0, Math.round(this.#position.at + count * second));
    this.#toTime(at, `on to ${inSeconds(at)}`, done);
  }

  #jump({ to, direction }: PlaybackCommand & { kind: "jump" }, done: Done): void {
    if (to === "start") return this.#toTime(0, "to the start", done);
    if (to === "end") return this.#toTime(always, "to the end", done);
    if (to === "violation") return this.#toViolation(direction, done);
    const tape = this.#tape;
    const found = () => this.#nearest(to, direction);
    const finish = () => {
      const event = found();
      const where = direction === "back" ? "before this" : "up to the end";
      if (event === null) return done(no(`there is no ${to} ${where}`));
      this.#toEvent(event, done);
    };
    const part = (events: number) => {
      if (direction === "back" || found() !== null || tape.result !== null) return true;
      tape.play(always, events);
      return false;
    };
    this.#task = { what: `on to the next ${to}`, tape, part, finish, done };
  }

  #toViolation(direction: Direction, done: Done): void {
    const tape = this.#tape;
    if (direction === "back") return done(no("nothing breaks before this"));
    const finish = () => {
      if (tape.result?.violations.length === 0) return done(no("nothing breaks up to the end"));
      this.#position = tape.end;
      done(yes(""));
    };
    const part = (events: number) => tape.play(always, events);
    this.#task = { what: "on to what breaks", tape, part, finish, done };
  }

  /** The event of the nearest mark of this kind; null: none so far. */
  #nearest(kind: TimeMark["kind"], direction: Direction): number | null {
    const position = this.#position;
    const isFull = this.#shown.knows(position);
    const isLater = position.at > this.#shown.positionAfter(position.event).at;
    const marks = this.#tape.marks.filter((mark) => mark.kind === kind);
    const found =
      direction === "forward"
        ? marks.find(({ event, at }) => (isFull ? event > position.event : at > position.at))
        : marks
            .filter(({ event, at }) =>
              isFull ? event < position.event + (isLater ? 1 : 0) : at < position.at,
            )
            .at(-1);
    return found?.event ?? null;
  }

  /** Where the run ends before this moment, to its end. */
  #toTime(at: number, what: string, done: Done): void {
    const tape = this.#tape;
    const finish = () => {
      this.#position = this.#positionAt(within(tape, at));
      done(yes(""));
    };
    const part = (events: number) => tape.play(at, events);
    this.#task = { what, tape, part, finish, done };
  }

  /** As far as the run goes. */
  #toEvent(to: number, done: Done): void {
    const tape = this.#tapeTo(to);
    const finish = () => {
      if (tape !== this.#tape) this.#closeUp = tape;
      this.#position = tape.count < to ? tape.end : tape.positionAfter(to);
      done(yes(""));
    };
    const part = (events: number) => {
      const missing = to - tape.count;
      if (missing > 0) tape.play(always, Math.min(events, missing));
      return tape.count >= to || tape.result !== null;
    };
    this.#task = { what: `on to event ${to}`, tape, part, finish, done };
  }

  /** Goes on where everything is known of the place that is shown, played again if need be. */
  #inFull(done: Done, then: () => void): void {
    const { at } = this.#position;
    if (this.#shown.knows(this.#position)) return then();
    const last = this.#closeUp;
    const tape = last !== null && last.end.at <= at ? last : this.#newTape(this.#plan);
    const finish = () => {
      this.#closeUp = tape;
      this.#position = tape.positionAt(at);
      then();
    };
    const part = (events: number) => tape.play(at, events);
    this.#task = { what: `anew up to ${inSeconds(at)}`, tape, part, finish, done };
  }

  /** The tape on which the position is known best. */
  get #shown(): Tape {
    const isClose = !this.#tape.knows(this.#position) && this.#closeUp?.knows(this.#position);
    return isClose && this.#closeUp !== null ? this.#closeUp : this.#tape;
  }

  /** One on which this event is known in full, or will be once it has been played so far. */
  #tapeTo(event: number): Tape {
    if (event > this.#tape.count || this.#tape.hasEvent(event)) return this.#tape;
    const close = this.#closeUp;
    if (close !== null && (close.hasEvent(event) || close.count < event)) return close;
    return this.#newTape(this.#plan);
  }

  #positionAt(at: number): TapePosition {
    const position = this.#tape.positionAt(at);
    const close = this.#closeUp?.positionAt(at) ?? position;
    return !this.#tape.knows(position) && this.#closeUp?.knows(close) ? close : position;
  }

  #after(us: number | null, events: number): TapePosition {
    const tape = this.#shown;
    const { event, at } = this.#position;
    if (us !== null) {
      return tape.play(at + us, events) ? tape.positionAt(within(tape, at + us)) : tape.end;
    }
    const to = event + events;
    const missing = to - tape.count;
    if (missing > 0) tape.play(always, missing);
    return to < tape.count ? tape.positionFrom(to) : tape.end;
  }

  #before(us: number | null, events: number): TapePosition {
    const { event, at } = this.#position;
    if (us !== null) return this.#positionAt(Math.max(0, at - us));
    const to = Math.max(0, event - events);
    const tape = this.#shown.hasEvent(to) ? this.#shown : this.#tape;
    return tape.positionAfter(to);
  }

  #isAtEnd(): boolean {
    return this.#tape.result !== null && this.#position.at >= this.#tape.end.at;
  }

  #giveUp(why: string): void {
    const task = this.#task;
    this.#task = null;
    const later = this.#acts.splice(1);
    task?.done(no(why));
    for (const { done } of later) done(no(why));
  }

  #newTape(plan: ScenarioPlan): Tape {
    const { seed, options, planted, limits = usualLimits } = this.#played;
    return new Tape(plan, seed, options(), planted, limits);
  }
}

/** No later than the end of a run that is over. */
function within({ result, end }: Tape, at: number): number {
  return result === null ? at : Math.min(at, end.at);
}

function inSeconds(us: number): string {
  return `${(us / second).toFixed(1)} s`;
}

function yes(text: string): CommandOutcome {
  return { ok: true, text };
}

function no(text: string): CommandOutcome {
  return { ok: false, text };
}
