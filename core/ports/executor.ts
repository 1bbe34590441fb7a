import type { ExecutorRequest } from "../agent/executor-request.ts";

/**
 * What runs containers: Docker, plain processes, or the simulated one. The agent asks for one step
 * of one task at a time and the answer reaches the shell as an `ExecutorEvent`. Named for
 * SwarmKit's `exec.Controller`. A request may be repeated: a step already taken is answered again.
 */
export interface Executor {
  /** Never blocks, never fails: what goes wrong is answered with `failed`. */
  execute(request: ExecutorRequest): void;
}
