import { RefusedError, UnavailableError } from "../api/patience.ts";
import { isStranger } from "../grpc/failure.ts";

/** What to do about a refusal whose own words, which are SwarmKit's, do not say so. */
const remedies: readonly (readonly [RegExp, string])[] = [
  [/It must be demoted to worker before removal$/, "'swarmctl node demote' does that."],
  [/is not down and can't be removed$/, "Stop swarmd there first, or name --force."],
  [/demote the last manager of the swarm$/, "Promote another node first."],
  [/would result in a loss of quorum$/, "Start the managers that are down first."],
  [/^update out of sequence$/, "Somebody else has changed it meanwhile: say it again."],
  [/^service \S+ already exists$/, "'swarmctl service update' changes it."],
  [
    /^(secret|config) \S+ already exists$/,
    "It never changes: create another, and update services.",
  ],
];

/** What to do about it, where the error does not say so itself; begins a line, or is empty. */
export function adviceOn(error: unknown): string {
  if (error instanceof UnavailableError && / EACCES /.test(error.message)) {
    return "\nOnly root, and the user that swarmd runs as, may open its socket.";
  }
  if (error instanceof UnavailableError && isStranger(error)) {
    return (
      "\nIs it Docker's own socket? Name that of swarmd's --listen-control-api, with --socket, " +
      "--context or SWARM_SOCKET; docker takes that of its --docker-socket."
    );
  }
  if (error instanceof UnavailableError && !error.isThere) {
    return (
      "\nIs swarmd running, and is this its socket? Name another with --socket or --context; " +
      "'swarmctl context ls' lists those you keep."
    );
  }
  if (!(error instanceof RefusedError)) return "";
  const remedy = remedies.find(([words]) => words.test(error.message));
  return remedy === undefined ? "" : `\n${remedy[1]}`;
}
