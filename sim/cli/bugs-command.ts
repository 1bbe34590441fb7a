import { checkBenign } from "./bugs-benign.ts";
import { huntBugs } from "./bugs-hunt.ts";
import { type BugsFlags, bugsRequest } from "./bugs-request.ts";
import { showResults } from "./bugs-results.ts";
import { outputColours } from "./output.ts";

/**
 * `sim bugs`: whether each planted bug is caught by the invariant that guards the rule it breaks,
 * or whether harmless changes raise no alarm; or what earlier hunts have found. The exit code.
 * @throws WrongInput
 */
export async function bugsCommand(flags: BugsFlags): Promise<number> {
  const request = bugsRequest(flags);
  const colours = outputColours();
  if (request.kind === "results") return showResults(request, colours);
  if (request.kind === "hunt") return huntBugs(request, colours);
  return checkBenign(request, colours);
}
