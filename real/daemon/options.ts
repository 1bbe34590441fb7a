import { isIP } from "node:net";
import { hostname } from "node:os";
import { Command, InvalidArgumentError, Option } from "commander";
import type { Duration } from "../../core/base/time.ts";
import { ms, seconds } from "../../core/base/time.ts";
import { externalCasProblem } from "../../core/control/external-cas.ts";
import { overlaySettingsProblem } from "../../core/control/overlay-settings.ts";
import type { ExternalCa } from "../../core/model/external-ca.ts";
import { defaultOverlaySettings as defaults } from "../../core/model/overlay.ts";
import type { GenericResource } from "../../core/model/resources.ts";
import { externalCaHelp, externalCasOf } from "../command-line/external-ca.ts";
import { optionDescription } from "../command-line/option-help.ts";
import { addressOf, collected, countOf, durationOf, pairOf } from "../command-line/units.ts";
import { parseUnlockKey } from "../storage/unlock-key.ts";
import { ownVersion } from "../version.ts";
import { newOverlays } from "./new-cluster.ts";

/** What `swarmd` is told on its command line. Names are those of SwarmKit's flags. */
export interface DaemonOptions {
  readonly stateDir: string;
  /** In a cluster only once its user says so, through Docker's API or `swarmctl`. */
  readonly standby: boolean;
  readonly joinAddr?: string;
  readonly joinToken?: string;
  /** Of a Docker engine; without it the usual one is used if it is there. */
  readonly engineAddr?: string;
  readonly executor: "auto" | "process";
  readonly hostname: string;
  readonly label: readonly string[];
  readonly listenRemoteApi: string;
  /** Empty: as it listens; where that is everywhere, the address that peers see. */
  readonly advertiseRemoteApi: string;
  /** An IP address for the ports that services publish on every node; empty: all there are. */
  readonly listenIngress: string;
  readonly listenControlApi: string;
  /** A unix socket for Docker's API; empty: nowhere. */
  readonly dockerSocket: string;
  /** The same on TCP, for clients with a certificate of `dockerTlsCa`; empty: nowhere. */
  readonly dockerListen: string;
  /** Files in PEM. */
  readonly dockerTlsCa?: string;
  readonly dockerTlsCert?: string;
  readonly dockerTlsKey?: string;
  /** Empty: nowhere. */
  readonly listenMetrics: string;
  /** Path of a socket. Empty: nowhere. */
  readonly listenDebug: string;
  readonly genericNodeResources: ReadonlyMap<string, GenericResource>;
  readonly forceNewCluster: boolean;
  /** The managers of the cluster that it founds are locked. */
  readonly autolock: boolean;
  /** Who signs for the cluster that it founds, outside of it. */
  readonly externalCa: readonly ExternalCa[];
  /** Where the overlays of the cluster that it founds have their subnets: `10.0.0.0/8`. */
  readonly defaultAddrPool: readonly string[];
  /** The prefix length of each subnet. */
  readonly defaultAddrPoolMaskLength: number;
  /** The UDP port for packets of overlays, of the cluster that it founds. */
  readonly dataPathPort: number;
  /** Of data that is locked. */
  readonly unlockKey?: string;
  readonly tick: Duration;
  readonly heartbeatTick: number;
  readonly electionTick: number;
  readonly logLevel: string;
}

export const usualStateDir = "/var/lib/swarmd";

/** Nobody waits longer for another leader. */
const longestElection = seconds(600);

const levels = ["trace", "debug", "info", "warn", "error", "fatal"] as const;

/** The key may come from the environment. Throws where it is not a key. */
export function withUnlockKey<T extends { readonly unlockKey?: string }>(options: T): T {
  const unlockKey = options.unlockKey ?? process.env.SWARM_UNLOCK_KEY;
  if (unlockKey === undefined) return options;
  parseUnlockKey(unlockKey);
  return { ...options, unlockKey };
}

/** What `swarmd` does when it is told no other command: to be a node. */
export function nodeCommand(run: (options: DaemonOptions) => Promise<void>): Command {
  const named = new Command("swarmd")
    .description(
      "One node of a cluster. Alone it starts a new cluster; with --join-addr and --join-token " +
        "it joins one; with --standby it waits for 'docker swarm init' or 'docker swarm join'. " +
        "Started again it is what it was: its state directory says so.",
    )
    .version(ownVersion, "-v, --version", "print the version")
    .option("-d, --state-dir <folder>", "what the node keeps", usualStateDir)
    .option("--standby", "found no cluster before 'docker swarm init' says so", false)
    .option("--join-addr <address>", "host:port of a manager of the cluster to join", addressOf)
    .option("--join-token <token>", "as 'swarmctl cluster join-token' shows it (SWARM_JOIN_TOKEN)")
    .option("--engine-addr <address>", "Docker engine, such as unix:///var/run/docker.sock")
    .addOption(
      new Option("--executor <kind>", "auto: Docker if it is there, else plain processes")
        .choices(["auto", "process"])
        .default("auto"),
    )
    .option("--hostname <name>", "name of the node", nameOf, hostname())
    .option("--label <key=value>", "engine label, for constraints; may be repeated", collected, []);
  const command = withAddresses(named)
    .addOption(
      new Option("--generic-node-resources <list>", "fpga=2,gpu=UUID1,gpu=UUID2")
        .argParser(genericResourcesOf)
        .default(new Map(), "none"),
    )
    .option("--force-new-cluster", "go on alone: the other managers are lost for good", false)
    .option("--unlock-key <key>", "SWMKEY-1-..., of a manager that is locked (SWARM_UNLOCK_KEY)")
    .addOption(
      new Option("--tick <span>", "unit of Raft's time; the same on all managers")
        .argParser(durationOf)
        .default(ms(100), "100ms"),
    )
    .option("--heartbeat-tick <count>", "ticks between a leader's heartbeats", countOf, 1)
    .option("--election-tick <count>", "ticks without a leader until an election", countOf, 10)
    .addOption(
      new Option("-l, --log-level <level>", "of the JSON lines on standard output")
        .choices(levels)
        .default("info"),
    )
    .showHelpAfterError("(see --help)")
    .configureHelp({ optionDescription })
    .enablePositionalOptions()
    .allowExcessArguments()
    .action(async (options: DaemonOptions) => {
      refuseUnknown(command);
      await run(checked(options));
    });
  return withFounding(command);
}

/** Without a command it is a node, which takes nothing but options. */
function refuseUnknown(command: Command): void {
  const [word] = command.args;
  if (word === undefined) return;
  const known = command.commands.map((each) => each.name()).join(", ");
  command.error(`error: unknown command '${word}': there are ${known}, and options to be a node`);
}

/** Where the node listens, and what it serves there. */
function withAddresses(command: Command): Command {
  return command
    .option("--listen-remote-api <address>", "for other nodes", addressOf, "0.0.0.0:4242")
    .addOption(
      new Option("--advertise-remote-api <address>", "where others reach it")
        .argParser(addressOf)
        .default("", "as it listens"),
    )
    .addOption(
      new Option("--listen-ingress <ip>", "for ports published on every node")
        .argParser(ipOf)
        .default("", "all"),
    )
    .option("--listen-control-api <path>", "socket for swarmctl", "/var/run/swarmd.sock")
    .option("--docker-socket <path>", "socket for docker and other clients of its API", "")
    .option("--docker-listen <address>", "the same on TCP, with TLS both ways", addressOf, "")
    .option("--docker-tls-ca <file>", "whose clients --docker-listen lets in")
    .option("--docker-tls-cert <file>", "what it shows them")
    .option("--docker-tls-key <file>", "the key of that")
    .option("--listen-metrics <address>", "HTTP: /metrics, /healthz, /readyz", addressOf, "")
    .option("--listen-debug <path>", "socket for HTTP: heap and CPU profiles", privatePath, "");
}

/** What only the node heeds that founds its cluster. */
function withFounding(command: Command): Command {
  return command
    .option("--autolock", "managers of the new cluster start with an unlock key only", false)
    .addOption(
      new Option("--external-ca <spec>", externalCaHelp)
        .argParser(externalCasOf)
        .default([], "none"),
    )
    .addOption(
      new Option("--default-addr-pool <subnet>", "for overlays of the new cluster; may be repeated")
        .argParser(collected)
        .default([], defaults.defaultAddressPool.join(", ")),
    )
    .option("--default-addr-pool-mask-length <bits>", "of each", countOf, defaults.subnetSize)
    .option("--data-path-port <port>", "UDP port of overlays", countOf, defaults.dataPathPort);
}

function checked(options: DaemonOptions): DaemonOptions {
  const { heartbeatTick, electionTick, joinAddr } = options;
  const joinToken = options.joinToken ?? process.env.SWARM_JOIN_TOKEN;
  if (heartbeatTick < 1 || electionTick <= heartbeatTick) {
    throw new Error("--election-tick must be more than --heartbeat-tick, which is 1 at least");
  }
  if (options.tick < ms(1) || electionTick * options.tick > longestElection) {
    throw new Error("--tick is 1ms at least, and --election-tick of them are 10 minutes at most");
  }
  if ((joinAddr === undefined) !== (joinToken === undefined)) {
    throw new Error("to join a cluster, name both --join-addr and --join-token");
  }
  if (options.executor === "process" && options.engineAddr !== undefined) {
    throw new Error("--executor process asks no engine: leave out --engine-addr, or --executor");
  }
  if (joinAddr !== undefined && options.autolock) {
    throw new Error(
      "--autolock is for a node that founds a cluster: this one follows that which it joins",
    );
  }
  const problem = externalCasProblem({ externalCas: options.externalCa });
  if (problem !== null) throw new Error(`--external-ca: ${problem}`);
  const overlaysProblem = overlaySettingsProblem(newOverlays(options));
  if (overlaysProblem !== null) throw new Error(overlaysProblem);
  const tlsFiles = [options.dockerTlsCa, options.dockerTlsCert, options.dockerTlsKey];
  if (options.dockerListen !== "" && tlsFiles.includes(undefined)) {
    throw new Error(
      "whoever reaches Docker's API can do anything with the cluster: with --docker-listen name " +
        "--docker-tls-ca, --docker-tls-cert and --docker-tls-key",
    );
  }
  return withUnlockKey({ ...options, ...(joinToken === undefined ? {} : { joinToken }) });
}

function nameOf(text: string): string {
  if (/^[\w.-]{1,255}$/.test(text)) return text;
  throw new InvalidArgumentError("A name has letters, digits, '-', '_' and '.', 255 at most.");
}

function ipOf(text: string): string {
  if (isIP(text) !== 0) return text;
  throw new InvalidArgumentError(`'${text}' is no IP address: write one such as 10.0.0.1.`);
}

/** Every user of the machine can open an address of loopback. */
function privatePath(text: string): string {
  if (text.includes("/")) return text;
  throw new InvalidArgumentError(
    "it shows the node's memory, keys too: write the path of a socket, such as /run/debug.sock.",
  );
}

/** Counts are alike; names that come several times are things of their own. */
function genericResourcesOf(text: string): ReadonlyMap<string, GenericResource> {
  const found = new Map<string, GenericResource>();
  for (const [kind, value] of text.split(",").map(pairOf)) {
    const before = found.get(kind);
    if (/^\d+$/.test(value) && before === undefined) {
      found.set(kind, { kind: "discrete", count: countOf(value) });
    } else if (value !== "" && before?.kind !== "discrete") {
      found.set(kind, { kind: "named", ids: [...(before?.ids ?? []), value] });
    } else {
      throw new InvalidArgumentError(`'${kind}' is either a count or names: fpga=2,gpu=A,gpu=B.`);
    }
  }
  return found;
}
