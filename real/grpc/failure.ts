import { troubleOf } from "../text-file.ts";

/** So grpc-js says that it could not connect, and what the system has told it. */
const connecting = "No connection established. Last error: Error: ";
const unconnected = new RegExp(`^${connecting}(connect (\\w+) (.+))\\.$`);

/** What went wrong, in words: grpc-js ends them with the heading of a note that is empty. */
export function failureText({ message = "" }: { readonly message?: string }): string {
  const text = message.replace(/ Resolution note: $/, "");
  const [, said, code, address] = unconnected.exec(text) ?? [];
  return said === undefined
    ? text
    : `can't reach ${address}: ${troubleOf({ code, message: said })}`;
}

/** Whether the other machine has answered that nobody listens there: grpc-js has no code for it. */
export function isUnheard({ details = "" }: { readonly details?: string }): boolean {
  return details.startsWith(`${connecting}connect ECONNREFUSED `);
}
