import type { Command } from "commander";
import { type GlobalOptions, Session, type Surroundings } from "./session.ts";

/** What a command does, given its arguments, its options last. */
export type Action = (session: Session, ...words: never[]) => Promise<void>;

/** Makes commander's action of ours. */
export type Run = (action: Action) => (...words: unknown[]) => Promise<void>;

/** Opens the session that the global options say, and closes it whatever comes. */
export function runIn(surroundings: Surroundings): Run {
  return (action) =>
    async (...words) => {
      const command = words.pop() as Command;
      const session = new Session(command.optsWithGlobals<GlobalOptions>(), surroundings);
      try {
        await action(session, ...(words as never[]));
      } finally {
        session.client.close();
      }
    };
}
