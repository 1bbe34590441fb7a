/** Why the caller may not use the API, or null. */
export type Authorize = (call: { getPeer(): string }) => string | null;

/** How soon a stream ends whose caller may not have it any more. */
const lookEveryMs = 2_000;

/** A call that goes on after it was let in. */
interface StandingCall {
  getPeer(): string;
  on(event: "cancelled" | "close" | "finish", listener: () => void): unknown;
}

/**
 * Asks again and again whether the caller may use the API, for as long as the call is there: a
 * certificate expires, a node is removed or demoted. `end` is called once, with the reason.
 */
export function whileAuthorized(
  call: StandingCall,
  authorize: Authorize,
  end: (reason: string) => void,
): void {
  const look = () => {
    const refused = authorize(call);
    if (refused === null) return;
    clearInterval(timer);
    end(refused);
  };
  const timer = setInterval(look, lookEveryMs).unref();
  for (const over of ["cancelled", "close", "finish"] as const) {
    call.on(over, () => clearInterval(timer));
  }
}
