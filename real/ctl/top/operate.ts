import type { NodeSpec } from "../../../core/model/node.ts";
import type {
  CommandOutcome,
  OperatorCommand,
  SourceCommand,
} from "../../../core/observe/source.ts";
import type { ControlClient } from "../../api/control-client.ts";
import { untilNewest } from "../../api/patience.ts";
import type { NodeNames } from "./node-names.ts";

export function isOperator(command: SourceCommand): command is OperatorCommand {
  return ["availability", "role", "scale"].includes(command.kind);
}

/** Has the cluster do it; what came of it. Never rejects. */
export async function operate(
  client: ControlClient,
  command: OperatorCommand,
  names: NodeNames,
): Promise<CommandOutcome> {
  try {
    return { ok: true, text: await untilNewest(() => tried(client, command, names)) };
  } catch (error) {
    return { ok: false, text: (error as Error).message };
  }
}

function tried(client: ControlClient, command: OperatorCommand, names: NodeNames): Promise<string> {
  switch (command.kind) {
    case "availability": {
      const { node, availability } = command;
      const text = `${node} is set to ${availability}`;
      return changeNode(client, names.idOf(node) ?? node, { availability }, text);
    }
    case "role": {
      const { node, role } = command;
      const text = `${node} is to be a ${role}`;
      return changeNode(client, names.idOf(node) ?? node, { desiredRole: role }, text);
    }
    case "scale":
      return scale(client, command.service, command.replicas);
  }
}

async function changeNode(
  client: ControlClient,
  id: string,
  change: Partial<NodeSpec>,
  text: string,
): Promise<string> {
  const [node] = await client.query({ kind: "get-node", id });
  if (node === undefined) throw new Error(`there is no node ${id}`);
  const { version } = node.meta;
  await client.command({ kind: "update-node", id, version, spec: { ...node.spec, ...change } });
  return text;
}

async function scale(client: ControlClient, asked: string, replicas: number): Promise<string> {
  const services = await client.query({ kind: "list-services" });
  const service = services.find((each) => each.id === asked || each.spec.name === asked);
  if (service === undefined) throw new Error(`there is no service ${asked}`);
  const { id, meta, spec } = service;
  const { name, mode: now } = spec;
  if (now.kind !== "replicated") throw new Error(`${name} is ${now.kind}`);
  const mode = { kind: "replicated", replicas } as const;
  const { version } = meta;
  await client.command({ kind: "update-service", id, version, spec: { ...spec, mode } });
  return `${name} is scaled to ${replicas}`;
}
