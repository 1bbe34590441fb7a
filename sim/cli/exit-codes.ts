/** How the process says what became of it. */
export const exitCodes = {
  passed: 0,
  /** A property broke, or simswarm itself did. */
  failed: 1,
  /** What the user gave makes no sense, or a file can't be read or written. */
  wrongInput: 2,
  /** Ctrl-C, or SIGTERM. */
  interrupted: 130,
  /** Nobody reads the output any more: as if SIGPIPE had ended the process. */
  brokenPipe: 141,
} as const;

/** Refuses what the user gave; the message says what and why. */
export class WrongInput extends Error {
  override readonly name = "WrongInput";
}
