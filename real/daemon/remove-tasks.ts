import { setTimeout as pause } from "node:timers/promises";
import pino from "pino";
import { ms } from "../../core/base/time.ts";
import type { Engine } from "../engine.ts";
import { Overlays } from "../overlay/overlays.ts";
import { openEngine } from "./open-engine.ts";
import type { StateDir } from "./state-dir.ts";

const lookEveryMs = 100;
const patienceMs = 5_000;

/** What a node runs outlives its daemon: here it is to go with it. */
export async function removeTasks(dir: StateDir): Promise<void> {
  const state = dir.read();
  if (state === null) return;
  const log = pino({ level: "silent" });
  const overlays = new Overlays(log);
  const engine = openEngine({ executor: "auto" }, dir, state, overlays, log);
  try {
    if (engine.address === null) await stopProcesses(engine);
    await engine.clear();
  } finally {
    await engine.close();
    await overlays.close();
  }
}

/** Until they are gone: `clear` kills them, and does not wait as it does for containers. */
async function stopProcesses(engine: Engine): Promise<void> {
  const left = new Set((await engine.existing()).map(({ task }) => task));
  engine.listen((event) => {
    if (event.kind === "stopped" || event.kind === "failed") left.delete(event.task);
  });
  for (const task of left) engine.execute({ kind: "shutdown", task, grace: ms(1_000) });
  for (const end = performance.now() + patienceMs; left.size > 0 && performance.now() < end; ) {
    await pause(lookEveryMs);
  }
}
