import { type Command, Option } from "commander";
import type { Config, FileSpec, Secret } from "../../../core/model/secret.ts";
import { agoText, collected, pairOf } from "../../command-line/units.ts";
import { bytesIn, bytesOfInput } from "../../text-file.ts";
import { pickNamed } from "../find.ts";
import { inspection, type Listing, listing, removal } from "../listing.ts";
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
  const found = (session: Session, name: string) => named(session, kind, name);
  const whole = kind === "secret" ? "all but the secret itself" : "all of a config";
  inspection(file, run, kind, found, whole);
  file
    .command(`update <${kind}>`)
    .description("replace the labels; nothing else of it ever changes")
    .option("-l, --label <key=value>", "label", collected)
    .action(
      run((session: Session, name: string, options: LabelOptions) =>
        update(session, kind, name, options),
      ),
    );
  removal(file, run, kind, found, `remove ${kind}s that no service names`);
}

interface LabelOptions {
  readonly label?: readonly string[];
}

interface CreateOptions extends LabelOptions {
  readonly file?: string;
  readonly templateDriver?: "golang";
}

async function named(session: Session, kind: Kind, name: string): Promise<Secret | Config> {
  const files: readonly (Secret | Config)[] = await session.client.query({
    kind: `list-${kind}s` as const,
  });
  return pickNamed(kind, files, name);
}

async function create(
  session: Session,
  kind: Kind,
  name: string,
  argument: string | undefined,
  { label = [], file: path = argument, templateDriver }: CreateOptions,
): Promise<void> {
  const bytes = path === undefined || path === "-" ? bytesOfInput() : bytesIn(path);
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
  const labels = new Map(label.map(pairOf));
  const changed = await session.change(async () => {
    const { id, meta, spec } = await named(session, kind, name);
    return { kind: `update-${kind}`, id, version: meta.version, spec: { ...spec, labels } };
  });
  session.print(`${changed}\n`);
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
