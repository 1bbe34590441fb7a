import type { ClusterFrame, NodeFrame, TaskFrame } from "../core/observe/frame.ts";
import type {
  ClusterSource,
  EventLine,
  PlaybackFrame,
  SourceMoment,
} from "../core/observe/source.ts";

const states = ["PENDING", "ASSIGNED", "PREPARING", "STARTING", "RUNNING", "RUNNING", "FAILED"];

interface Size {
  readonly nodes: number;
  readonly tasks: number;
}

const membership = {
  ...{ voters: ["n0", "n1", "n2", "n3", "n4"], learners: [] },
  ...{ outgoing: [], learnersNext: [], autoLeave: false },
};

/**
 * A cluster that never rests: with each moment some tasks change their state, loads and logs move,
 * messages fly. All moments are made before the first is shown, to measure what drawing costs.
 */
export class RestlessSource implements ClusterSource {
  readonly kind = "simulation";
  readonly title = "bench";
  readonly #timer: NodeJS.Timeout;
  readonly #listeners = new Set<(moment: SourceMoment) => void>();
  #number = 0;

  constructor(size: Size, everyMs: number) {
    const moments = Array.from({ length: 60 }, (_, number) => restlessMoment(size, number));
    this.#timer = setInterval(() => {
      this.#number += 1;
      const moment = moments[this.#number % moments.length] as SourceMoment;
      for (const heard of this.#listeners) heard(moment);
    }, everyMs);
  }

  listen(heard: (moment: SourceMoment) => void): () => void {
    this.#listeners.add(heard);
    return () => this.#listeners.delete(heard);
  }

  send(): void {
    // Nothing is asked of it.
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

function restlessMoment(size: Size, number: number): SourceMoment {
  const at = number * 33_333;
  return {
    frame: restlessFrame(size, number, at),
    events: Array.from({ length: 200 }, (_, n) => restlessEvent(number + n, at)),
    availability: {},
    violations: [],
    connection: null,
    playback: restlessPlayback(at),
  };
}

function restlessPlayback(known: number): PlaybackFrame {
  const marks = Array.from({ length: 1_000 }, (_, n) => ({
    ...{ at: (known * n) / 1_000, kind: n % 5 === 0 ? ("fault" as const) : ("election" as const) },
  }));
  return { playing: "forward", speed: 1, known, isOver: false, marks, underWay: null };
}

function restlessEvent(n: number, at: number): EventLine {
  const kind = n % 40 === 0 ? "election" : "task";
  return { at: Math.max(0, at - 200_000 + n), kind, text: `web.${n % 1000} runs on n${n % 50}` };
}

function restlessFrame({ nodes, tasks }: Size, number: number, at: number): ClusterFrame {
  return {
    ...{ at, event: number * 40, cuts: [{ from: "n3", to: "n4" }] },
    nodes: Array.from({ length: nodes }, (_, n) => restlessNode(n, number)),
    services: Array.from({ length: 10 }, (_, n) => ({
      ...{ id: `s${n}`, name: `web${n}`, image: "web:1", mode: "replicated", wanted: 100 },
      ...{ running: (number + n) % 100, completed: 0, upToDate: 50, update: null },
    })),
    tasks: Array.from({ length: tasks }, (_, n) => restlessTask(n, nodes, number, at)),
    messages: Array.from({ length: 100 }, (_, n) => ({
      ...{ from: `n${n % 5}`, to: `n${(n + number) % nodes}`, kind: "append" },
      ...{ sentAt: at - 1_000, arrivesAt: at + ((n * 97 + number * 31) % 5_000) },
    })),
    checks: { "election-safety": number, "log-matching": number * 2 },
  };
}

function restlessTask(n: number, nodes: number, number: number, at: number): TaskFrame {
  const state = states[(n + Math.floor(number / (1 + (n % 5)))) % states.length] ?? "RUNNING";
  return {
    ...{ id: `task${n}`, name: `web${n % 10}.${n}`, service: `web${n % 10}`, slot: n + 1 },
    ...{ node: `n${n % nodes}`, image: "web:1", state, desired: "RUNNING", message: "started" },
    ...{ error: state === "FAILED" ? "exit code 1" : "", history: [{ state, at }] },
  };
}

function restlessNode(n: number, number: number): NodeFrame {
  const isManager = n < 5;
  return {
    ...{ id: `n${n}`, machine: "up", refusal: null, clock: null },
    raft: isManager
      ? {
          status: {
            ...{ id: `n${n}`, role: n === 0 ? "leader" : "follower", term: 1, vote: null },
            ...{ leader: "n0", commit: number, applied: number, stable: number, firstIndex: 1 },
            ...{ lastIndex: number + n, lastTerm: 1 },
            membership,
          },
          isManaging: n === 0,
          progress: [],
        }
      : null,
    record: {
      ...{ hostname: `n${n}`, state: "ready", message: "", availability: "active" },
      ...{ role: isManager ? "manager" : "worker", desiredRole: isManager ? "manager" : "worker" },
    },
    load: {
      ...{ tasks: 20, nanoCpus: ((n * 7 + number) % 40) * 1e8, memoryBytes: (n + number) * 1e7 },
      ...{ nanoCpusTotal: 4e9, memoryBytesTotal: 8e9 },
    },
  };
}
