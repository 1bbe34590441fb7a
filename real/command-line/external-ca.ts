import { InvalidArgumentError } from "commander";
import type { ExternalCa } from "../../core/model/external-ca.ts";
import { rootIn } from "../signer/own-root.ts";
import { bytesIn } from "../text-file.ts";

/** Of the option, wherever there is one. */
export const externalCaHelp =
  "protocol=cfssl,url=https://...[,cacert=FILE]: signs certificates; may be repeated";

/** `protocol=cfssl,url=https://ca:8888/api/v1/cfssl/sign,cacert=FILE`, as Docker's client does. */
function externalCaOf(text: string): ExternalCa {
  const fields = new Map<string, string>();
  for (const field of text.split(",")) {
    const at = field.indexOf("=");
    if (at < 0) throw problem(`invalid field '${field}' must be a key=value pair`);
    fields.set(field.slice(0, at).toLowerCase(), field.slice(at + 1));
  }
  const { protocol, url, cacert, ...options } = Object.fromEntries(fields);
  if (protocol === undefined) throw problem("the external-ca option needs a protocol= parameter");
  if (protocol.toLowerCase() !== "cfssl") {
    throw problem(`unrecognized external CA protocol ${protocol}`);
  }
  if (url === undefined) throw problem("the external-ca option needs a url= parameter");
  const root = cacert === undefined ? null : readRoot(cacert);
  return { protocol: "cfssl", url, options: new Map(Object.entries(options)), root };
}

/** Several of them, one an option. */
export function externalCasOf(
  text: string,
  before: readonly ExternalCa[] | false = [],
): ExternalCa[] {
  return [...(before || []), externalCaOf(text)];
}

function readRoot(path: string): ExternalCa["root"] {
  try {
    return rootIn(bytesIn(path).toString());
  } catch (error) {
    throw problem(`unable to read CA cert for external CA: ${(error as Error).message}`);
  }
}

function problem(text: string): InvalidArgumentError {
  return new InvalidArgumentError(`${text}.`);
}
