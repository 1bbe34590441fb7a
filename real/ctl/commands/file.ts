import { readFileSync } from "node:fs";
import { type Command, Option } from "commander";
import type { Config, FileSpec, Secret } from "../../../core/model/secret.ts";
import { agoText, collected, pairOf } from "../../command-line/units.ts";
import { bytesIn } from "../../text-file.ts";
import { pick } from "../find.ts";
import { type Listing, listing } from "../listing.ts";
import { swarmkitsNames } from "../options/spec-option.ts";
import { labelFields, type View } from "../output.ts";
import type { Run } from "../run.ts";
import type { Session } from "../session.ts";

type Kind = "secret" | "config";

/** Secrets and configs have the same commands. */
export function fileCommands(program: Command, run: Run, kind: Kind): void {
  const file = program.command(kind).description(`${kind}s that tasks can name`);
  file
    .command("create <name> [file]")
    .description(`create a ${kind} from a file, or from what comes in without one`)
    .option("-l, --label <key=value>", "label", collected)
    .addOption(new Option("-f, --file <file>", "the file, named so").helpGroup(swarmkitsNames))
    .addOption(
      new Option("--template-driver <driver>", "fill in its placeholders for each task").choices([
        "golang",
      ]),
    )
    .action(
      run((session: Session, name: string, path: string | undefined, options: CreateOptions) =>
        create(session, kind, name, path, options),
      ),
    );
  listing(file, `list ${kind}s`).action(
    run((session: Session, options: Listing) => list(session, kind, options)),
  );
  file
    .command(`inspect <${kind}>`)
    .description(kind === "secret" ? "all but the secret itself" : "all of a config")
    .action(
      run(async (session: Session, name: string) => session.show(await named(session, kind, name))),
    );
  file
    .command(`update <${kind}>`)
    .description("replace the labels; nothing else of it ever changes")
    .option("-l, --label <key=value>", "label", collected)
    .action(
      run((session: Session, name: string, options: LabelOptions) =>
        update(session, kind, name, options),
      ),
    );
  file
    .command(`remove <${kind}...>`)
    .alias("rm")
    .description(`remove ${kind}s that no service names`)
    .action(run((session: Session, names: readonly string[]) => remove(session, kind, names)));
}

interface LabelOptions {
  readonly label?: readonly string[];
}

interface CreateOptions extends LabelOptions {
  readonly file?: string;
  readonly templateDriver?: "golang";
}

async function named(session: Session, kind: Kind, name: string): Promise<Secret | Config> {
  return pick(
    kind,
    await session.client.query({ kind: `list-${kind}s` as const }),
    name,
    ({ spec }) => spec.name,
  );
}

async function create(
  session: Session,
  kind: Kind,
  name: string,
  argument: string | undefined,
  { label = [], file: path = argument, templateDriver }: CreateOptions,
): Promise<void> {
  const bytes = path === undefined || path === "-" ? readFileSync(0) : bytesIn(path);
  const data = bytes.toString("base64");
  const spec: FileSpec = {
    ...{ name, labels: new Map(label.map(pairOf)), data },
    ...(templateDriver === undefined ? {} : { templating: templateDriver }),
  };
  session.print(`${await session.client.command({ kind: `create-${kind}`, spec })}\n`);
}

async function update(
  session: Session,
  kind: Kind,
  name: string,
  { label = [] }: LabelOptions,
): Promise<void> {
  const { id, meta, spec } = await named(session, kind, name);
  const labels = new Map(label.map(pairOf));
  const changed = { ...spec, labels };
  await session.client.command({
    kind: `update-${kind}`,
    id,
    version: meta.version,
    spec: changed,
  });
  session.print(`${id}\n`);
}

async function list(session: Session, kind: Kind, { quiet }: Listing): Promise<void> {
  const nowMs = session.surroundings.now();
  const id = (file: Secret | Config) => file.id;
  const nameOf = ({ spec }: Secret | Config) => spec.name;
  const created = ({ meta }: Secret | Config) => agoText(meta.createdAt, nowMs);
  const view: View<Secret | Config> = {
    columns: [
      ["ID", id],
      ["NAME", nameOf],
      ["CREATED", created],
    ],
    fields: [
      ["ID", id],
      ["Name", nameOf],
      ...(kind === "secret" ? [["Driver", () => ""] as const] : []),
      ["CreatedAt", created],
      ["UpdatedAt", ({ meta }) => agoText(meta.updatedAt, nowMs)],
      ...labelFields<Secret | Config>(({ spec }) => spec.labels),
    ],
  };
  session.list(view, await session.client.query({ kind: `list-${kind}s` as const }), quiet);
}

function remove(session: Session, kind: Kind, names: readonly string[]): Promise<void> {
  return session.commandEach(names, async (name) => {
    const { id } = await named(session, kind, name);
    return { kind: `remove-${kind}`, id };
  });
}
