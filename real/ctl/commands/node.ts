import { type Command, Option } from "commander";
import { type ClusterCa, trustedRoots } from "../../../core/model/certificate.ts";
import type { ListedNode, NodeSpec } from "../../../core/model/node.ts";
import type { Task } from "../../../core/model/task.ts";
import { collected, pairOf } from "../../command-line/units.ts";
import { clusterNamed, nodeNamed, pick } from "../find.ts";
import { type Inspecting, inspecting, type Listing, listing, taskListing } from "../listing.ts";
import { type Columns, capitalized, type TemplateFields } from "../output.ts";
import { followDrain } from "../progress.ts";
import type { Run } from "../run.ts";
import type { Session } from "../session.ts";
import { roles } from "./cluster-keys.ts";
import { ordered, taskView } from "./task.ts";

export function nodeCommands(program: Command, run: Run): void {
  const node = program.command("node").description("the machines of the cluster");
  listing(node, "list nodes").action(run(list));
  inspecting(node, "node").action(run(inspect));
  taskListing(node, "<node>", "the tasks on a node").action(run(ps));
  const changes = [
    ["activate", "give it tasks", { availability: "active" }],
    ["pause", "give it no new tasks", { availability: "pause" }],
    ["promote", "make it a manager", { desiredRole: "manager" }],
    ["demote", "make it a worker", { desiredRole: "worker" }],
  ] as const;
  for (const [name, about, change] of changes) {
    node
      .command(`${name} <node...>`)
      .description(about)
      .action(
        run((session: Session, names: readonly string[]) =>
          changeEach(session, names, () => change),
        ),
      );
  }
  node
    .command("drain <node...>")
    .description("move its tasks elsewhere")
    .option("--wait", "return when it runs nothing any more")
    .action(run(drain));
  node
    .command("update <node>")
    .description("change the labels of a node, its role, or whether it is given tasks")
    .addOption(
      new Option("--availability <availability>", "whether it is given tasks").choices([
        ...availabilities,
      ]),
    )
    .addOption(new Option("--role <role>", "what it is to be").choices([...roles]))
    .option("--label <key=value>", "label; those named replace those there were", collected)
    .option("--label-add <key=value>", "one label more", collected)
    .option("--label-rm <key>", "one label less", collected)
    .action(run(update));
  node
    .command("remove <node...>")
    .alias("rm")
    .description("remove nodes from the cluster")
    .option("-f, --force", "also one that is ready")
    .action(run(remove));
}

const columns: Columns<ListedNode> = [
  ["ID", ({ id }) => id],
  ["HOSTNAME", ({ description }) => description.hostname],
  ["STATUS", ({ status }) => status.state],
  ["AVAILABILITY", ({ spec }) => spec.availability],
  ["ROLE", roleText],
  ["MANAGER STATUS", managerText],
  ["ADDRESS", ({ description }) => description.address],
];

function roleText({ role, spec }: ListedNode): string {
  return role === spec.desiredRole ? role : `${role} -> ${spec.desiredRole}`;
}

function managerText({ managerStatus }: ListedNode): string {
  if (managerStatus === null) return "";
  return managerStatus.leader ? "leader" : managerStatus.reachability;
}

/** `self`: the id of the manager that is asked; `ca`: the cluster's own. */
function fieldsOf(self: string | null, ca: ClusterCa | null): TemplateFields<ListedNode> {
  return [
    ["ID", ({ id }) => id],
    ["Self", ({ id }) => id === self],
    ["Hostname", ({ description }) => description.hostname],
    ["Status", ({ status }) => capitalized(status.state)],
    ["Availability", ({ spec }) => capitalized(spec.availability)],
    ["ManagerStatus", (node) => capitalized(managerText(node))],
    ["TLSStatus", ({ certificate }) => tlsText(certificate?.proven?.issuer ?? null, ca)],
    ["EngineVersion", ({ description }) => description.engineVersion ?? ""],
    ["Role", ({ role }) => role],
    ["Address", ({ description }) => description.address],
  ];
}

/** Docker's words for who has signed for a node: the root that signs now, or one before it. */
function tlsText(issuer: string | null, ca: ClusterCa | null): string {
  if (issuer === null || ca === null) return "Unknown";
  return trustedRoots(ca).at(-1)?.digest === issuer ? "Ready" : "Needs Rotation";
}

async function list(session: Session, { quiet }: Listing): Promise<void> {
  const nodes = await session.client.query({ kind: "list-nodes" });
  if (!session.hasTemplate) return session.list({ columns, fields: [] }, nodes, quiet);
  const { ca } = await clusterNamed(session.client);
  session.list({ columns, fields: fieldsOf(await session.askedNode(nodes), ca) }, nodes, quiet);
}

/** As with Docker, `self` is the node that is asked. */
async function nodeOf(session: Session, name: string): Promise<ListedNode> {
  if (name !== "self") return nodeNamed(session.client, name);
  const nodes = await session.client.query({ kind: "list-nodes" });
  const id = await session.askedNode(nodes);
  if (id === null) throw new Error("nobody knows which node 'self' is here: name it");
  return pick("node", nodes, id, ({ description }) => description.hostname);
}

async function inspect(session: Session, name: string, { all }: Inspecting): Promise<void> {
  const node = await nodeOf(session, name);
  await session.show(node, all === true ? await tasksOn(session, node) : undefined);
}

async function tasksOn({ client }: Session, { id }: ListedNode): Promise<readonly Task[]> {
  const tasks = await client.query({ kind: "list-tasks", service: null });
  return tasks.filter(({ nodeId }) => nodeId === id);
}

async function ps(session: Session, name: string, { quiet }: Listing): Promise<void> {
  const node = await nodeOf(session, name);
  session.list(await taskView(session), ordered(await tasksOn(session, node)), quiet);
}

/** `change` is told the spec as it is. */
function changeEach(
  session: Session,
  names: readonly string[],
  change: (spec: NodeSpec) => Partial<NodeSpec>,
): Promise<void> {
  return session.commandEach(names, async (name) => {
    const { id, meta, spec } = await nodeNamed(session.client, name);
    const changed = { ...spec, ...change(spec) };
    return { kind: "update-node", id, version: meta.version, spec: changed };
  });
}

/** All of them are drained before the first is waited for. */
async function drain(
  session: Session,
  names: readonly string[],
  { wait = false }: { readonly wait?: boolean },
): Promise<void> {
  await changeEach(session, names, () => ({ availability: "drain" }));
  if (!wait) return;
  for (const name of names) {
    const { id } = await nodeNamed(session.client, name);
    await followDrain(session, id, name);
  }
}

export const availabilities = ["active", "pause", "drain"] as const;

interface UpdateOptions {
  readonly availability?: (typeof availabilities)[number];
  readonly role?: (typeof roles)[number];
  readonly label?: readonly string[];
  readonly labelAdd?: readonly string[];
  readonly labelRm?: readonly string[];
}

async function update(
  session: Session,
  name: string,
  { availability, role, label, labelAdd = [], labelRm = [] }: UpdateOptions,
): Promise<void> {
  await changeEach(session, [name], (spec) => {
    const labels = new Map(label === undefined ? spec.labels : label.map(pairOf));
    for (const [key, value] of labelAdd.map(pairOf)) labels.set(key, value);
    for (const key of labelRm) labels.delete(key);
    return {
      labels,
      availability: availability ?? spec.availability,
      desiredRole: role ?? spec.desiredRole,
    };
  });
}

function remove(
  session: Session,
  names: readonly string[],
  { force = false }: { readonly force?: boolean },
): Promise<void> {
  return session.commandEach(names, async (name) => {
    const { id } = await nodeNamed(session.client, name);
    return { kind: "remove-node", id, force };
  });
}
