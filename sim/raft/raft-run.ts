import { AssertionError } from "../../core/base/assert.ts";
import { BrokenInvariant } from "../checkers/checker.ts";
import { RaftWorld, type RaftWorldOptions } from "./raft-world.ts";
import { RaftRecovery, type RecoveryTimes } from "./recovery.ts";
import { Requests } from "./requests.ts";
import { RaftUnrest } from "./unrest.ts";

/** What became of one seed. */
export interface RaftResult {
  readonly violation: RaftViolation | null;
  /** How many strikes came up; some may have been left out. */
  readonly strikes: number;
  readonly times: RecoveryTimes;
}

export interface RaftViolation {
  readonly invariant: string;
  readonly detail: string;
}

/** Runs a cluster of nothing but Raft members from one seed, to the end or to what breaks first. */
export function runRaft(seed: number, options: RaftWorldOptions = {}): RaftResult {
  const world = new RaftWorld(seed, options);
  const requests = new Requests(world);
  const recovery = new RaftRecovery(world, requests);
  const violation = violationOf(() => runToEnd(world, requests, recovery));
  return { violation, strikes: world.strikes, times: recovery.times };
}

function runToEnd(world: RaftWorld, requests: Requests, recovery: RaftRecovery): void {
  const { kernel, members, settings } = world;
  const unrest = new RaftUnrest(world);
  for (const member of members) member.start();
  unrest.begin();
  requests.begin();
  while ((kernel.nextAt ?? Number.MAX_SAFE_INTEGER) < settings.unrestLength) kernel.step();
  recovery.begin(unrest);
  do kernel.step();
  while (!recovery.look());
}

function violationOf(run: () => void): RaftViolation | null {
  try {
    run();
    return null;
  } catch (error) {
    if (error instanceof BrokenInvariant) {
      return { invariant: error.invariant, detail: error.message };
    }
    if (!(error instanceof AssertionError)) throw error;
    return { invariant: "assertion", detail: error.message };
  }
}
