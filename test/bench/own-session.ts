/**
 * Goes before the command of a node. Where Linux shares a busy machine among sessions
 * (`sched_autogroup_enabled`), who has one alone gets more of it than who shares one with the
 * benchmark; engines have one each (`.ci/docker`).
 */
export function ownSession(): readonly string[] {
  return ["setsid"];
}
