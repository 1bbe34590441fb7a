import { after, type Duration, elapsed, type Instant } from "../base/time.ts";
import { pingEvery } from "../model/cluster.ts";

/**
 * Whether the container engine of this node answers, and for how long it has not.
 *
 * Model: with a heartbeat every now and then the engine is asked for something small. Until it
 * answers it is silent; each heartbeat asks again, and tells the leader for how long. The leader
 * calls a node down whose engine has been silent for `ClusterSpec.engineTimeout`, so its tasks run
 * elsewhere. Ours: SwarmKit's agent is one process with its engine, and one that hangs beats on
 * while its tasks stay as they are for ever.
 *   1. Tasks are not asked about. A pull may take hours, and one volume that can't be mounted is no
 *      reason to move what else runs here: who works on that still answers.
 *   2. An engine that is gone, or is being started again, is silent like one that hangs.
 *   3. What runs goes on, as on a node that is cut off. Once the engine answers, the node is ready,
 *      and what was started elsewhere meanwhile is stopped here.
 *   4. Only time counts in which this agent itself was at work, however long its machine slept: it
 *      knows how far apart it speaks to managers at most.
 */
export class EngineWatch {
  /** For how long it has not answered; 0 while nothing is known to be wrong. */
  silentFor = 0 as Duration;
  #isAsked = false;
  #askAt: Instant;
  #beatAt: Instant;

  /** It has just said what it runs. */
  constructor(now: Instant) {
    this.#askAt = after(now, pingEvery);
    this.#beatAt = now;
  }

  /**
   * The agent speaks to a manager, as it does after `most` at the latest. True when it is to ask
   * the engine now.
   */
  beat(now: Instant, most: Duration): boolean {
    const passed = Math.min(elapsed(this.#beatAt, now), most);
    this.#beatAt = now;
    if (this.#isAsked) this.silentFor = (this.silentFor + passed) as Duration;
    else this.#isAsked = now >= this.#askAt;
    return this.#isAsked;
  }

  answered(now: Instant): void {
    this.silentFor = 0 as Duration;
    this.#isAsked = false;
    this.#askAt = after(now, pingEvery);
  }
}
