import { networkLabel } from "../docker/engine-network.ts";
import type { EngineConnection } from "./engine-connection.ts";
import type { ShownNetwork } from "./map/network.ts";

/** How long the engine may take: what it has in a network is not worth a longer wait. */
const withinMs = 5_000;

/** The part of Docker's `Network` that is read. */
interface EngineNetwork {
  readonly Id: string;
  readonly Containers?: Readonly<Record<string, object>> | null;
}

/**
 * What this node's engine has in the network, by the id of its container, as Docker shows it. Empty
 * where there is no engine, or none that answers.
 */
export async function containersIn(
  { Id, Name }: ShownNetwork,
  engine: EngineConnection | null,
  signal: AbortSignal,
): Promise<Record<string, object>> {
  if (engine === null) return {};
  const soon = AbortSignal.any([signal, AbortSignal.timeout(withinMs)]);
  const filters = JSON.stringify({ label: [`${networkLabel}=${Id}`] });
  const search = `?filters=${encodeURIComponent(filters)}`;
  try {
    const isPredefined = Id === Name;
    const found = isPredefined ? [{ Id }] : await engine.json("/networks", search, soon);
    const ids = (found as readonly EngineNetwork[]).map((network) => network.Id);
    const shown = ids.map((id) => engine.json(`/networks/${id}`, "", soon));
    const networks = (await Promise.all(shown)) as readonly EngineNetwork[];
    return Object.assign({}, ...networks.map(({ Containers }) => Containers));
  } catch {
    return {};
  }
}
