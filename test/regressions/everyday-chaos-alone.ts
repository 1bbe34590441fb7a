import { everyday, everything, machinesThatJoin } from "./everyday.ts";

/** As `everyday-chaos` was before its users removed tasks, and had clients beside them. */
export default everyday({ topology: machinesThatJoin(3), chaos: everything });
