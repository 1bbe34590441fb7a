import { type Elsewhere, sendJson } from "./handler.ts";
import { ownInfo } from "./info-routes.ts";
import { rawAnswer } from "./listen.ts";
import { dockerObject, parsed, text } from "./map/schema.ts";
import { ApiError, type ApiRequest, type Route } from "./routes.ts";
import { systemRoutes } from "./system-routes.ts";

/** What all else is answered with, in Docker's words (moby `errSwarmLocked`). */
const lockedReason =
  "Swarm is encrypted and needs to be unlocked before it can be used. " +
  'Please use "docker swarm unlock" to unlock it.';

const unlockRequest = dockerObject({ UnlockKey: text });

/** Opens the manager with the unlock key: null, or why it does not. */
export type Unlock = (unlockKey: string) => string | null;

/** What a manager serves that is locked. `up`: once the API of an open one is served. */
export function lockedRoutes(hostname: string, unlock: Unlock, up: Promise<void>): Route[] {
  const swarm = {
    ...{ NodeID: "", NodeAddr: "", LocalNodeState: "locked", ControlAvailable: false },
    ...{ Error: lockedReason, RemoteManagers: null },
  };
  const info = async () => ({ status: 200, body: { ...ownInfo({ hostname }), Swarm: swarm } });
  return [
    ...systemRoutes(() => "locked"),
    { method: "GET", path: "/info", handle: info },
    {
      method: "POST",
      path: "/swarm/unlock",
      async handle(request) {
        const problem = unlock(await keyOf(request));
        if (problem !== null) throw new ApiError(400, `swarm could not be unlocked: ${problem}`);
        await up;
        return { status: 200 };
      },
    },
  ];
}

async function keyOf(request: ApiRequest): Promise<string> {
  const { UnlockKey = "" } = parsed(unlockRequest, await request.json());
  return UnlockKey;
}

/** The engine is not asked either: the node knows of none before it is open. */
export const lockedElsewhere: Elsewhere = {
  request(_, response) {
    sendJson(response, 503, { message: lockedReason });
    return true;
  },
  upgrade: (_, socket) => void socket.end(rawAnswer(503, lockedReason)),
};
