import { request as httpsRequest } from "node:https";
import { z } from "zod";
import type { ExternalAnswer, ExternalRequest } from "../../core/ca/external-request.ts";
import type { ExternalCaPort } from "../../core/ports/external-ca.ts";
import { readChain, servesBothWays } from "./chain.ts";
import type { Credentials } from "./identity-files.ts";
import { certificatesIn, joinedPem, requestKey, serialName, subjectOf } from "./x509.ts";

/** Of an answer. A certificate has some 2 KB. */
const bytesMost = 64 * 1024;

const answerSchema = z.object({
  success: z.boolean(),
  result: z.object({ certificate: z.string() }).nullish(),
  errors: z.array(z.object({ code: z.number(), message: z.string() })).nullish(),
});

/**
 * Authorities outside the cluster, asked as SwarmKit asks them: CFSSL's `sign` call over HTTPS. The
 * manager shows its own certificate; theirs must be signed by the root that they sign for.
 */
export class CfsslClient implements ExternalCaPort {
  readonly #answer: (answer: ExternalAnswer) => void;
  #credentials: Credentials | null;

  constructor(credentials: Credentials | null, answer: (answer: ExternalAnswer) => void) {
    this.#credentials = credentials;
    this.#answer = answer;
  }

  /** From now on this is shown. */
  show(credentials: Credentials): void {
    this.#credentials = credentials;
  }

  ask(request: ExternalRequest): void {
    void this.#tried(request).then(this.#answer);
  }

  async #tried(request: ExternalRequest): Promise<ExternalAnswer> {
    const { id } = request;
    try {
      return signed(request, certificateIn(await this.#post(request)));
    } catch (error) {
      return { kind: "failed", id, reason: (error as Error).message };
    }
  }

  /** Rejects with what went wrong on the way. */
  #post(request: ExternalRequest): Promise<string> {
    const { url, root, timeout } = request;
    const own = this.#credentials;
    if (own === null) return Promise.reject(new Error("this manager has no certificate to show"));
    const signal = AbortSignal.timeout(Math.ceil(timeout / 1000));
    const tls = { ca: root.certificate, key: own.key, cert: own.chain, agent: false } as const;
    const headers = { "content-type": "application/json" };
    return new Promise((resolve, reject) => {
      const fail = (error: Error) =>
        reject(signal.aborted ? new Error("no answer in time") : error);
      const call = httpsRequest(url, { method: "POST", headers, signal, ...tls }, (response) => {
        const parts: Buffer[] = [];
        let size = 0;
        response.on("data", (part: Buffer) => {
          size += part.length;
          parts.push(part);
          if (size > bytesMost) call.destroy(new Error(`more than ${bytesMost} bytes came back`));
        });
        response.on("error", fail);
        response.on("end", () => resolve(Buffer.concat(parts).toString("utf8")));
      });
      call.on("error", fail);
      call.end(bodyOf(request));
    });
  }
}

/** The serial is one of the names: CFSSL draws the certificate's own number itself. */
function bodyOf({ request, claims }: ExternalRequest): string {
  const { nodeId, role, organization, serial } = claims;
  return JSON.stringify({
    certificate_request: request,
    subject: { CN: nodeId, names: [{ OU: `swarm-${role}`, O: organization }] },
    hosts: [nodeId, `swarm-${role}`, serialName(serial)],
  });
}

/** Throws with what the authority has said instead. */
function certificateIn(body: string): string {
  const { success, result, errors } = parsed(body);
  if (success && result) return result.certificate;
  const reasons = (errors ?? []).map(({ code, message }) => `${message} (${code})`);
  throw new Error(`it refuses: ${reasons.join(", ") || "no reason is given"}`);
}

function parsed(body: string): z.infer<typeof answerSchema> {
  try {
    return answerSchema.parse(JSON.parse(body));
  } catch {
    throw new Error(`no answer of CFSSL's API, but ${JSON.stringify(body.slice(0, 60))}`);
  }
}

/** Throws where the root has not signed it, or it is of no use for the node's connections. */
function signed({ id, request, root, crossSigned }: ExternalRequest, pem: string): ExternalAnswer {
  const [leaf] = certificatesIn(pem);
  if (leaf === undefined) throw new Error("what came back is no certificate in PEM");
  const read = readChain(joinedPem([leaf, root.certificate, ...crossSigned]));
  if (read.kind === "invalid") throw new Error(`the certificate is not good: ${read.reason}`);
  if (!servesBothWays(leaf)) {
    throw new Error("the certificate is not for servers and clients of TLS both");
  }
  const isForRequest = subjectOf(leaf).key.equals(requestKey(request));
  return { kind: "signed", id, certificate: read.certificate, isForRequest };
}
