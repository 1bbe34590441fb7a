import { troubleOf } from "../text-file.ts";

/** So grpc-js says that it could not connect, and what the system has told it. */
const connecting = "No connection established. Last error: Error: ";
const unconnected = new RegExp(`^${connecting}(connect (\\w+) (.+))\\.$`);

/** What grpc-js says where the first bytes of the answer are none of HTTP/2. */
const strange = /^No connection established\. Last error: Protocol error\b/;
const noGrpc = "what answers there speaks no gRPC, so it is not swarmd";

/** Of a call that failed: `details` are what gRPC says without its code. */
interface FailedCall {
  readonly details?: string;
  readonly message?: string;
}

/** What went wrong, in words, and the address where nobody was reached. */
export function failureText(failed: FailedCall): string {
  const { address, trouble } = failureOf(failed);
  return address === null ? trouble : `can't reach ${address}: ${trouble}`;
}

/** The same for whoever knows which address was called. */
export function callTrouble(failed: FailedCall): string {
  return failureOf(failed).trouble;
}

/** Whether the other machine has answered that nobody listens there: grpc-js has no code for it. */
export function isUnheard({ details = "" }: FailedCall): boolean {
  return details.startsWith(`${connecting}connect ECONNREFUSED `);
}

/** Whether somebody answers there who speaks something else, such as Docker's API. */
export function isStranger({ details = "", message = "" }: FailedCall): boolean {
  return strange.test(details === "" ? message : details);
}

/** grpc-js ends its words with the heading of a note that is empty. */
function failureOf(failed: FailedCall) {
  if (isStranger(failed)) return { address: null, trouble: noGrpc };
  const { details = "", message = "" } = failed;
  const text = (details === "" ? message : details).replace(/ Resolution note: $/, "");
  const [, said, code, address = null] = unconnected.exec(text) ?? [];
  if (said === undefined) return { address: null, trouble: text };
  return { address, trouble: troubleOf({ code, message: said }) };
}
