import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import * as x509 from "@peculiar/x509";
import type { Root, SigningRoot } from "../../core/model/certificate.ts";
import type { Credentials } from "../../real/signer/identity-files.ts";
import { newCredentials } from "./tls-nodes.ts";

/** What CFSSL's `sign` call is asked. */
export interface SignRequest {
  readonly certificate_request: string;
  readonly subject: {
    readonly CN: string;
    readonly names: readonly { readonly OU: string; readonly O: string }[];
  };
  readonly hosts: readonly string[];
}

/** How a server that lies differs from a good one. */
export interface Behaviour {
  /** What it certifies instead of what it was asked. */
  readonly instead?: (asked: SignRequest) => Partial<SignRequest>;
  /** What it answers instead; null: nothing, ever. */
  readonly body?: string | null;
  readonly usages?: readonly string[];
  /** The root with which it signs, if not its own. */
  readonly signs?: SigningRoot;
  readonly hours?: number;
}

/** An HTTPS server that signs as CFSSL does, for clients with a certificate of its root. */
export class SigningServer {
  /** Who has asked, by the names in their certificates. */
  readonly clients: string[] = [];
  behaviour: Behaviour = {};
  readonly #root: SigningRoot;
  readonly #server: Server;

  private constructor(root: SigningRoot, shown: Credentials, clients: readonly Root[]) {
    this.#root = root;
    const ca = clients.map(({ certificate }) => certificate);
    const tls = { key: shown.key, cert: shown.chain, ca };
    this.#server = createServer({ ...tls, requestCert: true, rejectUnauthorized: true });
    this.#server.on("request", async (request, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate();
      this.clients.push(String(subject.CN));
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part);
      const { body } = this.behaviour;
      if (body === null) return;
      const asked = JSON.parse(Buffer.concat(parts).toString()) as SignRequest;
      response.end(body ?? (await this.#sign(asked)));
    });
  }

  /** `shows`: another root than its own has signed what it shows. `clients`: whose may ask. */
  static async start(
    root: SigningRoot,
    { shows = root, clients = [root] }: { shows?: SigningRoot; clients?: readonly Root[] } = {},
  ): Promise<SigningServer> {
    const server = new SigningServer(root, await newCredentials(shows, "localhost"), clients);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `https://localhost:${port}/api/v1/cfssl/sign`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #sign(asked: SignRequest): Promise<string> {
    const { instead, signs = this.#root, hours = 24, usages = bothUsages } = this.behaviour;
    const { certificate_request, subject, hosts } = { ...asked, ...instead?.(asked) };
    const [name] = subject.names;
    const now = Date.now();
    const made = await x509.X509CertificateGenerator.create({
      subject: [{ CN: [subject.CN] }, { OU: [name?.OU ?? ""] }, { O: [name?.O ?? ""] }],
      issuer: new x509.X509Certificate(signs.certificate).subject,
      serialNumber: `01${randomBytes(19).toString("hex")}`,
      notBefore: new Date(now - 300_000),
      notAfter: new Date(now + hours * 3_600_000),
      publicKey: new x509.Pkcs10CertificateRequest(certificate_request).publicKey,
      signingKey: await keyOf(signs),
      signingAlgorithm: algorithm,
      extensions: [
        new x509.ExtendedKeyUsageExtension([...usages]),
        new x509.SubjectAlternativeNameExtension(
          hosts.map((value) => ({ type: "dns" as const, value })),
        ),
      ],
    });
    const result = { certificate: made.toString("pem") };
    return JSON.stringify({ success: true, result, errors: [], messages: [] });
  }
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const { serverAuth, clientAuth } = x509.ExtendedKeyUsage;
const bothUsages = [serverAuth, clientAuth] as string[];

function keyOf({ key }: SigningRoot): Promise<CryptoKey> {
  const bytes = x509.PemConverter.decodeFirst(key);
  return crypto.subtle.importKey("pkcs8", bytes, algorithm, false, ["sign"]);
}
