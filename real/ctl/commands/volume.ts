import { type Command, Option } from "commander";
import type { Volume, VolumeSpec } from "../../../core/model/volume.ts";
import { collected, pairOf } from "../../command-line/units.ts";
import { pickNamed } from "../find.ts";
import { inspection, type Listing, listing, removal } from "../listing.ts";
import { labelFields, type View } from "../output.ts";
import type { Run } from "../run.ts";
import type { Session } from "../session.ts";

export function volumeCommands(program: Command, run: Run): void {
  const volume = program.command("volume").description("volumes of the cluster");
  volume
    .command("create <name>")
    .description("create a volume; the node of the first task that mounts it holds it")
    .option("--driver <name>", "volume driver", "local")
    .option("-l, --label <key=value>", "label", collected)
    .action(run(create));
  listing(volume, "list volumes").action(run(list));
  inspection(volume, run, "volume", named);
  volume
    .command("update <volume>")
    .description("change whether a volume may be mounted")
    .addOption(
      new Option("--availability <availability>", "pause keeps new tasks away, drain stops all")
        .choices(["active", "pause", "drain"])
        .makeOptionMandatory(),
    )
    .action(run(update));
  removal(volume, run, "volume", named, "remove volumes that nothing uses");
}

const view: View<Volume> = {
  columns: [
    ["ID", ({ id }) => id],
    ["NAME", ({ spec }) => spec.name],
    ["DRIVER", ({ spec }) => spec.driver],
    ["AVAILABILITY", ({ spec }) => spec.availability],
    ["NODE", ({ nodeId }) => nodeId ?? ""],
  ],
  fields: [
    ["ID", ({ id }) => id],
    ["Name", ({ spec }) => spec.name],
    ["Driver", ({ spec }) => spec.driver],
    ["Scope", () => "swarm"],
    ["Availability", ({ spec }) => spec.availability],
    ["Node", ({ nodeId }) => nodeId ?? ""],
    ...labelFields<Volume>(({ spec }) => spec.labels),
  ],
};

async function named({ client }: Session, name: string): Promise<Volume> {
  return pickNamed("volume", await client.query({ kind: "list-volumes" }), name);
}

async function create(
  session: Session,
  name: string,
  { driver, label = [] }: { readonly driver: string; readonly label?: readonly string[] },
): Promise<void> {
  const labels = new Map(label.map(pairOf));
  const spec: VolumeSpec = { name, labels, driver, availability: "active" };
  session.print(`${await session.client.command({ kind: "create-volume", spec })}\n`);
}

async function list(session: Session, { quiet }: Listing): Promise<void> {
  session.list(view, await session.client.query({ kind: "list-volumes" }), quiet);
}

async function update(
  session: Session,
  name: string,
  { availability }: Pick<VolumeSpec, "availability">,
): Promise<void> {
  const changed = await session.change(async () => {
    const { id, meta, spec } = await named(session, name);
    return { kind: "update-volume", id, version: meta.version, spec: { ...spec, availability } };
  });
  session.print(`${changed}\n`);
}
