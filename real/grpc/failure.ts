/** What went wrong, in words: grpc-js ends them with the heading of a note that is empty. */
export function failureText({ message = "" }: { readonly message?: string }): string {
  return message.replace(/ Resolution note: $/, "");
}
