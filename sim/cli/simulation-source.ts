import { writeFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import type {
  ClusterSource,
  CommandOutcome,
  PlaybackCommand,
  SourceCommand,
  SourceMoment,
} from "../../core/observe/source.ts";
import { replaying } from "../chance/choices.ts";
import { plantedOf } from "../planted.ts";
import type { HandCommand } from "../playback/by-hand.ts";
import { Playback } from "../playback/playback.ts";
import { printScenario } from "../scenario/print.ts";
import { commandFor } from "./command-line.ts";
import { writeFailure } from "./out-file.ts";
import { type Subject, type SubjectFlags, subjectOf } from "./subject.ts";

/** A moment is told this often while the run is played, in milliseconds. */
const frameEvery = 33;
/** How long the run goes on before others have their turn, in milliseconds. */
const sliceMost = 20;
/** Events between two looks at the clock. */
const eventsAtOnce = 50;
/** Events that are gone back at once, as fast as it goes: looked up, not played. */
const eventsBack = 2_000;

/**
 * A scenario or a kept failure as something to watch, at its start. What is saved goes into
 * `folder`. @throws WrongInput
 */
export async function simulationSource(
  file: string,
  flags: SubjectFlags,
  folder = ".",
): Promise<ClusterSource> {
  return new SimulationSource(await subjectOf(file, flags), folder);
}

/** Gives a playback the time that passes outside. */
class SimulationSource implements ClusterSource {
  readonly kind = "simulation";
  readonly title: string;
  readonly #subject: Subject;
  readonly #folder: string;
  readonly #playback: Playback;
  readonly #listeners = new Set<(moment: SourceMoment) => void>();
  #timer: NodeJS.Timeout | null = null;
  #lastAt = 0;

  constructor(subject: Subject, folder: string) {
    const { plan, seed, limits, choices, bug } = subject;
    const { until, clients = plan.clients ?? 0 } = limits;
    const { clients: _, ...rest } = plan;
    this.#subject = subject;
    this.#folder = folder;
    this.title = `${plan.name}, seed ${seed}${bug === null ? "" : `, with bug ${bug}`}`;
    this.#playback = new Playback({
      plan: clients === 0 ? rest : { ...rest, clients },
      seed,
      options: () => ({
        ...(until !== undefined && { until }),
        ...(choices !== null && { tap: replaying(choices) }),
      }),
      planted: plantedOf(subject.bug),
    });
  }

  listen(heard: (moment: SourceMoment) => void): () => void {
    this.#listeners.add(heard);
    heard(this.#playback.moment());
    return () => this.#listeners.delete(heard);
  }

  send(command: SourceCommand, done: (outcome: CommandOutcome) => void): void {
    if (command.kind === "save") return done(this.#save());
    if (isControl(command)) this.#playback.control(command, done);
    else this.#playback.act(command, done);
    this.#workFor(sliceMost);
    this.#tell();
    this.#goOn(0);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#listeners.clear();
  }

  /** Sees to it that time goes on while there is something to do. */
  #goOn(delay: number): void {
    const { isBusy, playback } = this.#playback;
    if (this.#timer !== null || (!isBusy && playback.playing === null)) return;
    this.#lastAt = performance.now();
    this.#timer = setTimeout(() => this.#turn(), delay);
  }

  #turn(): void {
    this.#timer = null;
    const startedAt = performance.now();
    if (this.#playback.isBusy) this.#workFor(sliceMost);
    else this.#playFor(startedAt - this.#lastAt);
    this.#tell();
    const spent = performance.now() - startedAt;
    this.#goOn(this.#playback.isBusy ? 0 : Math.max(1, frameEvery - spent));
    this.#lastAt = startedAt;
  }

  #workFor(most: number): void {
    const end = performance.now() + most;
    while (this.#playback.isBusy && performance.now() < end) this.#playback.work(eventsAtOnce);
  }

  /** `passed`: since the last call, in milliseconds. What can't be done in time is left out. */
  #playFor(passed: number): void {
    const playback = this.#playback;
    const end = performance.now() + sliceMost;
    const { speed, playing } = playback.playback;
    const us = speed === null ? null : Math.round(passed * 1_000 * speed);
    if (playing === "back") return playback.elapse(us, eventsBack);
    const to = us === null ? null : playback.at + us;
    do {
      playback.elapse(to === null ? null : to - playback.at, eventsAtOnce);
    } while (
      playback.playback.playing !== null &&
      performance.now() < end &&
      (to === null || playback.at < to)
    );
  }

  #tell(): void {
    if (this.#listeners.size === 0) return;
    const moment = this.#playback.moment();
    for (const heard of this.#listeners) heard(moment);
  }

  /** Beside what is there. */
  #save(): CommandOutcome {
    const { file, seed, limits, bug, choices } = this.#subject;
    const { until } = limits;
    const name = basename(file, extname(file)).replace(/-by-hand(-\d+)?$/, "");
    const limit = until === undefined ? null : { text: `${until}us`, us: until };
    const other = "It was kept with choices of its own: from the seed alone the run is another.";
    for (let number = 1; ; number += 1) {
      const path = join(this.#folder, `${name}-by-hand${number === 1 ? "" : `-${number}`}.ts`);
      const command = commandFor(path, seed, { until: limit, clients: null, bug });
      const own = choices === null ? [] : [other];
      const comment = [`Played by hand from ${file}. To run it:`, `  ${command}`, ...own];
      try {
        writeFileSync(path, printScenario(this.#playback.plan, comment.join("\n")), { flag: "wx" });
        // Short: a terminal may have 80 columns.
        const warned = choices === null ? "" : "; from the seed alone it is another run";
        return { ok: true, text: `saved as ${path}${warned}` };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EEXIST") continue;
        return { ok: false, text: `${path} can't be written: ${writeFailure(error)}` };
      }
    }
  }
}

function isControl(command: PlaybackCommand | HandCommand): command is PlaybackCommand {
  return ["play", "pause", "stop", "speed", "step", "jump"].includes(command.kind);
}
