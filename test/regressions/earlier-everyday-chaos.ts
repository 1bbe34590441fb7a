import { everyday, machines } from "./everyday.ts";

/** As `everyday-chaos` was before its users did everything. */
export default everyday({
  topology: machines(3, { cpus: 8 }),
  joinsAt: null,
  chaos: { commands: { every: ["500ms", "4s"], users: 3, creates: 6 } },
});
