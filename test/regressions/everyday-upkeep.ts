import { everyday, everything, machinesThatJoin } from "./everyday.ts";

/**
 * As `everyday-chaos` was before its users did what is odd: its seeds in the corpus were found
 * here.
 */
export default everyday({
  name: "everyday upkeep",
  topology: machinesThatJoin(3),
  clients: 3,
  chaos: {
    ...everything,
    commands: { every: ["500ms", "4s"], users: 3, creates: 6, everything: true, upkeep: true },
  },
});
