import { type Command, Option } from "commander";
import type { ExternalCa } from "../../../core/model/external-ca.ts";
import { externalCaHelp, externalCasOf } from "../../command-line/external-ca.ts";
import type { Run } from "../run.ts";
import type { Session } from "../session.ts";
import { availabilities } from "./node.ts";

/** What brings the node whose socket it is into a cluster, and out of it. */
export function membershipCommands(cluster: Command, run: Run): void {
  const entering = (name: string, description: string) =>
    cluster
      .command(name)
      .description(description)
      .option("--listen-remote-api <address>", "for other nodes: host:port, or an interface", "")
      .option("--advertise-remote-api <address>", "where others reach it", "")
      .addOption(dockersName("--listen-addr", "as --listen-remote-api"))
      .addOption(dockersName("--advertise-addr", "as --advertise-remote-api"))
      .addOption(
        new Option("--availability <availability>", "with which it begins")
          .choices([...availabilities])
          .default("active"),
      );
  entering("init", "found a cluster with the node of this socket")
    .option("--autolock", "managers that start need the unlock key", false)
    .option("--force-new-cluster", "a manager goes on alone: the others are lost for good", false)
    .option("--external-ca <spec>", externalCaHelp, externalCasOf, [])
    .action(run(init));
  entering("join <address>", "join the cluster of the manager at host:port")
    .option("--token <token>", "as 'swarmctl cluster join-token' prints it (SWARM_JOIN_TOKEN)")
    .action(run(join));
  cluster
    .command("leave")
    .description("leave the cluster: what the node runs ends, and what it keeps is removed")
    .option("-f, --force", "a manager too, which hands back its vote first", false)
    .action(run(leave));
}

function dockersName(flag: string, about: string): Option {
  return new Option(`${flag} <address>`, about).default("").helpGroup("Docker's names:");
}

interface EnteringOptions {
  readonly listenRemoteApi: string;
  readonly advertiseRemoteApi: string;
  readonly listenAddr: string;
  readonly advertiseAddr: string;
  readonly availability: string;
}

interface InitOptions extends EnteringOptions {
  readonly autolock: boolean;
  readonly forceNewCluster: boolean;
  readonly externalCa: readonly ExternalCa[];
}

async function init(session: Session, options: InitOptions): Promise<void> {
  const { autolock, forceNewCluster, externalCa: externalCas } = options;
  const asked = { ...placeOf(options), autolock, forceNewCluster, externalCas };
  const id = await session.local((node) => node.init(asked));
  session.print(
    `${id} is now a manager. 'swarmctl cluster join-token worker' shows how others join` +
      `${autolock ? ", 'swarmctl cluster unlock-key' what opens it when it starts again" : ""}.\n`,
  );
}

interface JoinOptions extends EnteringOptions {
  readonly token?: string;
}

async function join(session: Session, remote: string, options: JoinOptions): Promise<void> {
  const token = options.token ?? session.surroundings.env.SWARM_JOIN_TOKEN;
  if (token === undefined) throw new Error("to join, name --token");
  await session.local((node) => node.join({ ...placeOf(options), remote, token }));
  session.print("the node has joined\n");
}

async function leave(session: Session, { force }: { readonly force: boolean }): Promise<void> {
  await session.local((node) => node.leave(force));
  session.print("the node has left its cluster\n");
}

function placeOf(options: EnteringOptions) {
  return {
    listen: options.listenRemoteApi || options.listenAddr,
    advertise: options.advertiseRemoteApi || options.advertiseAddr,
    availability: options.availability,
  };
}
