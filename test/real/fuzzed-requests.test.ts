import { ChannelCredentials, Client, type ServiceError, status } from "@grpc/grpc-js";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Random } from "../../core/base/random.ts";
import type { ClientReply } from "../../core/control/command.ts";
import type { Cluster } from "../../core/model/cluster.ts";
import type { Service } from "../../core/model/service.ts";
import { serviceSpec } from "../../core/model/service-defaults.ts";
import { controlService } from "../../real/grpc/services.ts";
import type { Codec, Shape } from "../../real/wire/codec.ts";
import { clientRequest } from "../../real/wire/control.ts";
import { nodeSpec } from "../../real/wire/node.ts";
import { type Decoded, messageObject } from "../../real/wire/proto.ts";
import { serviceSpec as serviceSpecCodec } from "../../real/wire/service.ts";
import { clusterSpec, fileSpec, volumeSpec } from "../../real/wire/store.ts";
import { patienceMs } from "../support/patience.ts";
import { RealCluster } from "../support/real-cluster.ts";
import { bytesOf, messageOf, type WireMessage } from "../support/wire-arbitraries.ts";

// Goal: whatever is asked of the control API, a node answers it, most often with a refusal that
// says why; it goes on, and what it has accepted it can start again with.
// Method: of every command and every query of the API very many, through real gRPC: random ones,
// and good ones in which some fields are random, about objects that there are.

const cluster = new RealCluster();
let client: Client;

beforeAll(async () => {
  await cluster.start(1, 0);
  client = new Client(`unix://${cluster.first.socket}`, ChannelCredentials.createInsecure());
});
afterAll(async () => {
  client.close();
  await cluster.stop();
});

type Variants = Shape & { kind: "union" };

/** The kinds of one part of a request, each with the form of what belongs to it. */
function kindsOf(part: "command" | "query"): [string, Shape][] {
  const request = clientRequest.shape as Variants;
  const message = request.variants[part]?.shape as Shape & { kind: "message" };
  const found = message.fields[part]?.shape as Variants;
  return Object.entries(found.variants).map(([kind, { shape }]) => [kind, shape]);
}

interface Answer {
  readonly code: status;
  /** Why there is no reply. */
  readonly details: string;
  readonly reply: ClientReply | null;
}

function ask(request: WireMessage): Promise<Answer> {
  const { path, responseDeserialize } = controlService.send;
  const bytes = Buffer.from(bytesOf("ClientRequest", request));
  const deadline = new Date(Date.now() + patienceMs);
  return new Promise((resolve) => {
    const answered = (error: ServiceError | null, value?: unknown) => {
      const found = value as Decoded<ClientReply> | undefined;
      const reply = found?.kind === "decoded" ? found.value : null;
      resolve({ code: error?.code ?? status.OK, details: error?.details ?? "", reply });
    };
    const asBytes = (value: Buffer) => value;
    client.makeUnaryRequest(path, asBytes, responseDeserialize, bytes, { deadline }, answered);
  });
}

/** What came of it: `done`, `result`, or why it was refused. Never a failure of the node. */
function outcomeOf({ code, details, reply }: Answer): string {
  if (code === status.INVALID_ARGUMENT) return details;
  expect({ code, details }).toEqual({ code: status.OK, details: "" });
  if (reply?.kind === "result") return "result";
  expect(reply?.kind).toBe("outcome");
  if (reply?.kind !== "outcome" || reply.outcome.kind === "done") return "done";
  return reply.outcome.rejection.message;
}

let sequence = 0;
async function command(kind: string, value: WireMessage): Promise<string> {
  sequence += 1;
  const request = { client: "fuzzer", sequence };
  return outcomeOf(await ask({ command: { request, command: { [kind]: value } } }));
}

async function query(kind: string, value: WireMessage): Promise<ClientReply | null> {
  return (await ask({ query: { query: { [kind]: value }, consistency: 1 } })).reply;
}

/** An object that a command may be about, and its spec as a message. */
interface Target {
  readonly id: string;
  readonly version: number;
  readonly spec: WireMessage;
}

type Table = "Service" | "Node" | "Secret" | "Config" | "Volume" | "Cluster";

const specs = {
  Service: serviceSpecCodec,
  Node: nodeSpec,
  Secret: fileSpec,
  Config: fileSpec,
  Volume: volumeSpec,
  Cluster: clusterSpec,
} as const;

const lists = {
  Service: "list-services",
  Node: "list-nodes",
  Secret: "list-secrets",
  Config: "list-configs",
  Volume: "list-volumes",
  Cluster: "get-cluster",
} as const;

async function targets(table: Table): Promise<readonly Target[]> {
  const found = await cluster.first.client.query({ kind: lists[table] });
  const codec = specs[table] as Codec<unknown>;
  return (found as readonly Service[]).map(({ id, meta, spec }) => {
    return { id, version: meta.version, spec: messageObject(codec, spec) };
  });
}

/** Mostly what is good, here and there what is random. */
function mixed(good: WireMessage, wild: WireMessage, random: Random): WireMessage {
  const fields = [...new Set([...Object.keys(good), ...Object.keys(wild)])];
  const entries = fields.map((field) => {
    const [left, right] = [good[field], wild[field]];
    if (isMessage(left) && isMessage(right)) return [field, mixed(left, right, random)];
    return [field, random.chance(150_000) ? right : left];
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function isMessage(value: unknown): value is WireMessage {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === plain;
}
const plain = Object.getPrototypeOf({});

/** The same command about something that there is, or the creation of something like it. */
function aimed(
  kind: string,
  wild: WireMessage,
  found: readonly Target[],
  random: Random,
): WireMessage {
  if (random.chance(200_000) || found.length === 0) return wild;
  const { id, version, spec } = random.pick(found);
  const isAbout = "id" in wild ? { id } : {};
  const isOf = "version" in wild && random.chance(900_000) ? { version } : {};
  const good = kind.startsWith("create") ? { ...spec, name: `new-${sequence}` } : spec;
  const changed = isMessage(wild.spec) ? { spec: mixed(good, wild.spec, random) } : {};
  return { ...wild, ...isAbout, ...isOf, ...changed };
}

/** One good object more of each table that users create things in. */
async function createGoodOnes(number: number): Promise<void> {
  const name = `good-${number}`;
  const plain = serviceSpec(name, "any", 1);
  const container = { ...plain.task.container, command: ["sleep", "1000"] };
  const file = { name, labels: new Map(), data: "eA==" };
  const { client: by } = cluster.first;
  const service = { ...plain, task: { ...plain.task, container } };
  await by.command({ kind: "create-service", spec: service });
  await by.command({ kind: "create-secret", spec: file });
  await by.command({ kind: "create-config", spec: file });
}

function tableOf(kind: string): Table {
  const tables: readonly Table[] = ["Service", "Node", "Secret", "Config", "Volume"];
  return tables.find((each) => kind.endsWith(each)) ?? "Cluster";
}

/** The node is the same process still, and answers. */
async function isWell(): Promise<void> {
  expect(await cluster.listed()).toHaveLength(1);
  expect(cluster.first.log).not.toContain('"level":60');
}

const heard = new Map<string, Set<string>>();

/** The same requests each time; FUZZ_SEED=2 and so on for others. */
const drawnFrom = Number(process.env.FUZZ_SEED ?? 1);

test.each(kindsOf("command"))("%s: each request is done or refused", async (kind, shape) => {
  const outcomes = new Set<string>();
  await createGoodOnes(heard.size);
  const drawn = fc.tuple(messageOf(shape), fc.nat());
  await fc.assert(
    fc.asyncProperty(drawn, async ([wild, seed]) => {
      const random = new Random([seed, 0, 0, 1]);
      const value = aimed(kind, wild, await targets(tableOf(kind)), random);
      const outcome = await command(kind, value);
      expect(outcome).not.toBe("");
      outcomes.add(outcome);
    }),
    { numRuns: 40, seed: drawnFrom },
  );
  heard.set(kind, outcomes);
  await isWell();
});

test.each(kindsOf("query"))("%s: each request is answered", async (kind, shape) => {
  await fc.assert(
    fc.asyncProperty(messageOf(shape), async (value) => {
      expect((await query(kind, value))?.kind).toBe("result");
    }),
    { numRuns: 10, seed: drawnFrom },
  );
});

test("with all that it has accepted the node starts again", async () => {
  const done = [...heard].filter(([, outcomes]) => outcomes.has("done")).map(([kind]) => kind);
  expect(done.length).toBeGreaterThan(12);
  const [{ lock }] = (await cluster.first.client.query({ kind: "get-unlock-key" })) as [Cluster];
  await cluster.first.end("SIGKILL");
  cluster.first.start(...(lock.key === null ? [] : ["--unlock-key", lock.key]));
  await cluster.ready(1);
  await isWell();
});
