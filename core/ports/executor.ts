import type { ExecutorRequest } from "../agent/executor-request.ts";

/**
 * What runs containers: Docker, plain processes, or the simulated one. The agent asks for one step
 * of one task at a time and the answer reaches the shell as an `ExecutorEvent`. Named for
 * SwarmKit's `exec.Controller`. A request may be repeated: a step already taken is answered again,
 * and a container that has ended does not run again, its end is told again. A newer request of a
 * task overtakes those before it, which are then not answered.
 */
export interface Executor {
  /** Never blocks, never fails: what goes wrong is answered with `failed`. */
  execute(request: ExecutorRequest): void;
}
