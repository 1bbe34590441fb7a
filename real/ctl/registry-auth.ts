import { spawnSync } from "node:child_process";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { parsedJson } from "../../core/base/json.ts";
import { textIn } from "../text-file.ts";

/** What Docker's own registry is called where credentials are kept. */
const dockerHub = "https://index.docker.io/v1/";

const kept = z.object({
  /** Base 64 of `user:password`. */
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
  registrytoken: z.string().optional(),
});

const dockerConfig = z.object({
  auths: z.record(z.string(), kept).optional(),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
});

type Kept = z.infer<typeof kept>;

const helped = z.object({ Username: z.string(), Secret: z.string() });

/** Who may pull an image, as far as its user's `docker login` says. */
export interface RegistryAuth {
  /** As credentials are kept for it: a host, or the address of Docker's own. */
  readonly registry: string;
  /** The client's configuration file, which was looked into. */
  readonly path: string;
  /** What `X-Registry-Auth` holds; null: there are no credentials for this registry. */
  readonly header: string | null;
}

/**
 * Credentials for `image`, from where Docker's client keeps them: its configuration file, or the
 * helper that this names. Throws where either can't be read.
 */
export function registryAuthFor(image: string, env: NodeJS.ProcessEnv): RegistryAuth {
  const folder = env.DOCKER_CONFIG || join(env.HOME ?? homedir(), ".docker");
  const path = join(folder, "config.json");
  const registry = registryOf(image);
  const config = configIn(path);
  const helper = config.credHelpers?.[registry] ?? config.credsStore;
  const found = helper ? askHelper(helper, registry, env) : inFile(config.auths ?? {}, registry);
  if (found === null) return { registry, path, header: null };
  const written = JSON.stringify({ ...found, serveraddress: registry });
  const header = Buffer.from(written).toString("base64");
  return { registry, path, header: header.replaceAll("+", "-").replaceAll("/", "_") };
}

/** The first part of a name is a host where it looks like one (Docker's `reference.Domain`). */
function registryOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  return isHost && first !== "docker.io" && first !== "index.docker.io" ? first : dockerHub;
}

function configIn(path: string): z.infer<typeof dockerConfig> {
  const text = textIn(path);
  if (text === null) return {};
  const { success, data } = dockerConfig.safeParse(parsedJson(text));
  if (success) return data;
  throw new Error(`${path} is no configuration of Docker's client: 'docker login' writes one`);
}

function inFile(auths: Readonly<Record<string, Kept>>, registry: string): Kept | null {
  const same = Object.keys(auths).find((each) => hostOf(each) === hostOf(registry));
  const found = auths[registry] ?? auths[same ?? ""];
  if (found === undefined) return null;
  const { auth = "", ...rest } = found;
  const [username = "", ...password] = Buffer.from(auth, "base64").toString().split(":");
  return auth === "" ? rest : { username, password: password.join(":"), ...rest };
}

/** Older clients kept credentials by addresses. */
function hostOf(address: string): string {
  return address.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
}

/** As Docker's `credential-helpers` speak: an address in, JSON out. */
function askHelper(name: string, registry: string, env: NodeJS.ProcessEnv): Kept | null {
  const program = `docker-credential-${name}`;
  const { error, status, stdout } = spawnSync(program, ["get"], { input: registry, env });
  if (error !== undefined) {
    throw new Error(`can't run ${program}, which keeps Docker's credentials: ${error.message}`);
  }
  const said = stdout.toString().trim();
  if (said.includes("credentials not found")) return null;
  const { success, data } = helped.safeParse(parsedJson(said));
  if (status !== 0 || !success) throw new Error(`${program}: ${said || `exit code ${status}`}`);
  const { Username: username, Secret: password } = data;
  return username === "<token>" ? { identitytoken: password } : { username, password };
}
