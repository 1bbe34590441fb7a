import { troubleOf } from "../text-file.ts";

/** So grpc-js says that it could not connect, and what the system has told it. */
const unconnected = /^No connection established\. Last error: Error: (connect (\w+) (.+))\.$/;

/** What went wrong, in words: grpc-js ends them with the heading of a note that is empty. */
export function failureText({ message = "" }: { readonly message?: string }): string {
  const text = message.replace(/ Resolution note: $/, "");
  const [, said, code, address] = unconnected.exec(text) ?? [];
  return said === undefined
    ? text
    : `can't reach ${address}: ${troubleOf({ code, message: said })}`;
}
