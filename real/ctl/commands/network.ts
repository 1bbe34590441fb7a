import { type Command, Option } from "commander";
import type { IpamConfig, Network, NetworkSpec } from "../../../core/model/network.ts";
import { collected, pairOf } from "../../command-line/units.ts";
import { pickNamed } from "../find.ts";
import { inspection, type Listing, listing, removal } from "../listing.ts";
import { swarmkitsNames } from "../options/spec-option.ts";
import { labelFields, type View } from "../output.ts";
import type { Run } from "../run.ts";
import type { Session } from "../session.ts";

export function networkCommands(program: Command, run: Run): void {
  const network = program.command("network").description("networks that tasks are attached to");
  network
    .command("create [name]")
    .description("create a network: between the nodes, or a bridge on each that has a task in it")
    .addOption(
      new Option("-d, --driver <driver>").choices(["overlay", "bridge"]).default("overlay"),
    )
    .option("--internal", "no way leads out of it", false)
    .option("--ipv6", "addresses of IPv6 too", false)
    .option("--subnet <subnet>", "its addresses, such as 10.5.0.0/24, the same on every node")
    .option("--ip-range <subnet>", "the part of them that tasks get theirs from")
    .option("--gateway <address>", "the node's own address in it")
    .option("-o, --opt <key=value>", "option of the driver", collected)
    .option("-l, --label <key=value>", "label", collected)
    .addOption(new Option("--name <name>", "its name").helpGroup(swarmkitsNames))
    .addOption(
      new Option("--opts <key=value>", "the same as --opt")
        .argParser(collected)
        .helpGroup(swarmkitsNames),
    )
    .action(run(create));
  listing(network, "list networks").action(run(list));
  inspection(network, run, "network", named);
  removal(network, run, "network", named, "remove networks that no service is attached to");
}

const view: View<Network> = {
  columns: [
    ["ID", ({ id }) => id],
    ["NAME", ({ spec }) => spec.name],
    ["DRIVER", ({ spec }) => spec.driver],
    ["SUBNET", ({ overlay }) => overlay?.subnet ?? ""],
    ["INTERNAL", ({ spec }) => String(spec.internal)],
  ],
  fields: [
    ["ID", ({ id }) => id],
    ["Name", ({ spec }) => spec.name],
    ["Driver", ({ spec }) => spec.driver],
    ["Scope", () => "swarm"],
    ["Subnet", ({ overlay }) => overlay?.subnet ?? ""],
    ["Internal", ({ spec }) => String(spec.internal)],
    ["IPv6", ({ spec }) => String(spec.enableIpv6)],
    ["CreatedAt", ({ meta }) => new Date(meta.createdAt / 1_000).toISOString()],
    ...labelFields<Network>(({ spec }) => spec.labels),
  ],
};

interface CreateOptions {
  readonly driver: "overlay" | "bridge";
  readonly internal: boolean;
  readonly ipv6: boolean;
  readonly subnet?: string;
  readonly ipRange?: string;
  readonly gateway?: string;
  readonly opt?: readonly string[];
  readonly opts?: readonly string[];
  readonly name?: string;
  readonly label?: readonly string[];
}

async function create(
  session: Session,
  argument: string | undefined,
  options: CreateOptions,
): Promise<void> {
  const { driver, internal, ipv6, opts = [], opt = opts, label = [], name = argument } = options;
  if (name === undefined) throw new Error("say what it is called: network create NAME");
  const [labels, driverOptions] = [new Map(label.map(pairOf)), new Map(opt.map(pairOf))];
  const spec: NetworkSpec = {
    ...{ name, labels, driver, internal },
    options: driverOptions,
    attachable: false,
    enableIpv6: ipv6,
    subnets: subnetsOf(options),
  };
  session.print(`${await session.client.command({ kind: "create-network", spec })}\n`);
}

type Addresses = Pick<CreateOptions, "gateway" | "ipRange" | "subnet">;

function subnetsOf({ subnet = "", ipRange = "", gateway = "" }: Addresses): IpamConfig[] {
  return `${subnet}${ipRange}${gateway}` === "" ? [] : [{ subnet, range: ipRange, gateway }];
}

async function list(session: Session, { quiet }: Listing): Promise<void> {
  session.list(view, await session.client.query({ kind: "list-networks" }), quiet);
}

async function named({ client }: Session, name: string): Promise<Network> {
  return pickNamed("network", await client.query({ kind: "list-networks" }), name);
}
