import { Argument, type Command } from "commander";
import type { OwnRoot } from "../../../core/control/ca.ts";
import type { ClusterCa, SigningRoot } from "../../../core/model/certificate.ts";
import type { ExternalCa } from "../../../core/model/external-ca.ts";
import type { NodeRole } from "../../../core/model/node.ts";
import { askSecret } from "../../command-line/ask-secret.ts";
import { externalCasOf } from "../../command-line/external-ca.ts";
import { ownRoot } from "../../signer/own-root.ts";
import { bytesIn, bytesOfInput } from "../../text-file.ts";
import { clusterNamed } from "../find.ts";
import { ofCluster } from "../listing.ts";
import type { Run } from "../run.ts";
import type { Session } from "../session.ts";

export const roles = ["worker", "manager"] as const;

/** What lets nodes in, opens managers and signs certificates. */
export function keyCommands(cluster: Command, run: Run): void {
  ofCluster(cluster.command("unlock-key"))
    .description("what opens locked managers")
    .option("--rotate", "make a new one; managers that are down open with the old one")
    .option("-q, --quiet", "the key alone")
    .action(run(unlockKey));
  cluster
    .command("unlock")
    .description("open a locked manager: its key is asked for, or read from standard input")
    .action(run(unlock));
  cluster
    .command("join-token")
    .description("how a node joins with this role")
    .addArgument(new Argument("<role>").choices(roles))
    .option("--rotate", "make a new one: the old one is of no use any more")
    .option("-q, --quiet", "the token alone")
    .action(run(joinToken));
  cluster
    .command("ca")
    .description("the root certificate of the cluster")
    .option("--rotate", "replace it; all nodes get new certificates")
    .option("--ca-cert <file>", "the new root, PEM; without it one is made")
    .option("--ca-key <file>", "its key, PEM (PKCS 8); without it an external CA signs")
    .option(
      "--external-ca <spec>",
      "who signs for the new root, instead of all before",
      externalCasOf,
    )
    .action(run(ca));
}

export async function unlockKey(
  session: Session,
  name: string | undefined,
  { rotate = false, quiet = false }: TokenOptions,
): Promise<void> {
  if (name !== undefined) await clusterNamed(session.client, name);
  if (rotate) await session.client.command({ kind: "rotate-unlock-key" });
  const key = await keyOf(session);
  session.print(quiet ? `${key}\n` : howToUnlock(key));
}

async function keyOf({ client }: Session): Promise<string> {
  const [cluster] = await client.query({ kind: "get-unlock-key" });
  const key = cluster?.lock.key ?? null;
  if (key !== null) return key;
  throw new Error("managers are not locked: 'swarmctl cluster update --autolock' locks them");
}

function howToUnlock(key: string): string {
  return (
    "To open a manager after it has started again, run 'swarmctl cluster unlock' there and give " +
    `this key:\n\n    ${key}\n\nKeep it where no manager is: without it none that has stopped ` +
    "can start again.\n"
  );
}

async function unlock(session: Session): Promise<void> {
  const key = process.stdin.isTTY ? await askSecret("Unlock key: ") : bytesOfInput().toString();
  await session.local((node) => node.unlock(key.trim()));
  session.print("the manager is unlocked\n");
}

interface TokenOptions {
  readonly rotate?: boolean;
  readonly quiet?: boolean;
}

export async function joinToken(
  session: Session,
  role: NodeRole,
  options: TokenOptions,
): Promise<void> {
  const { rotate = false, quiet = false } = options;
  if (rotate) await session.client.command({ kind: "rotate-join-token", role });
  const token = (await authority(session)).joinTokens[role];
  if (quiet) return session.print(`${token}\n`);
  session.print(`swarmd --join-addr ${await session.managerAddress()} --join-token ${token}\n`);
}

interface CaOptions {
  readonly rotate?: boolean;
  readonly caCert?: string;
  readonly caKey?: string;
  readonly externalCa?: readonly ExternalCa[];
}

/** Without options the certificate itself; a rotation goes on while this returns. */
async function ca(session: Session, options: CaOptions): Promise<void> {
  const { rotate, caCert, caKey, externalCa } = options;
  if (rotate !== true) return session.print(`${(await authority(session)).root.certificate}\n`);
  if (caCert === undefined && caKey !== undefined) throw new Error("name --ca-cert with --ca-key");
  const own = caCert === undefined ? null : readRoot(caCert, caKey ?? null);
  if (externalCa !== undefined) await nameAuthorities(session, externalCa, own);
  const { root } = await authority(session);
  await session.client.command({ kind: "rotate-root", root: own });
  session.print(`${rotationWords(root, own)}\n`);
}

function rotationWords(root: SigningRoot, own: OwnRoot | null): string {
  if (own?.digest !== root.digest) {
    return "the root is being rotated: 'swarmctl cluster ls' shows who is behind";
  }
  return own.key === ""
    ? "the root stays: the managers have its key no more"
    : "the root stays: the managers have its key now";
}

/** They sign for the new root, as with Docker's client, unless they say for which. */
async function nameAuthorities(
  session: Session,
  named: readonly ExternalCa[],
  own: OwnRoot | null,
): Promise<void> {
  const root = own === null ? null : { certificate: own.certificate, digest: own.digest };
  const externalCas = named.map((each) => ({ ...each, root: each.root ?? root }));
  await session.change(async () => {
    const { meta, spec } = await clusterNamed(session.client);
    return { kind: "update-cluster", version: meta.version, spec: { ...spec, externalCas } };
  });
}

async function authority(session: Session): Promise<ClusterCa> {
  const { ca: found } = await clusterNamed(session.client);
  if (found === null) throw new Error("the cluster has no certificates yet: try again");
  return found;
}

function readRoot(certificateFile: string, keyFile: string | null): OwnRoot {
  const key = keyFile === null ? null : bytesIn(keyFile).toString();
  return ownRoot(bytesIn(certificateFile).toString(), key);
}
