import os from "node:os";
import { ownVersion } from "../version.ts";
import { apiVersion } from "./api-version.ts";
import { type ApiResponse, type Route, route } from "./routes.ts";

/** What the node is in its swarm, as the header `Swarm` of a ping says it. */
export type SwarmRole =
  | "active/manager"
  | "active/worker"
  | "error"
  | "inactive"
  | "locked"
  | "pending";

/** What clients ask first: `/_ping` and `/version`. */
export function systemRoutes(role: () => SwarmRole): Route[] {
  const ping = async (text: string): Promise<ApiResponse> => ({
    status: 200,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-cache, no-store, must-revalidate",
      pragma: "no-cache",
      "builder-version": "1",
      swarm: role(),
    },
    text,
  });
  return [
    route("GET", "/_ping", () => ping("OK")),
    route("HEAD", "/_ping", () => ping("")),
    route("GET", "/version", async () => ({ status: 200, body: version() })),
  ];
}

function version(): object {
  const versions = { ApiVersion: apiVersion.max, MinAPIVersion: apiVersion.min };
  const platform = { Os: process.platform, Arch: architecture(), KernelVersion: os.release() };
  const details = { ...versions, ...platform, Experimental: "false" };
  return {
    Platform: { Name: "simswarm" },
    Components: [
      { Name: "Engine", Version: ownVersion, Details: details },
      { Name: "Node.js", Version: process.version },
    ],
    Version: ownVersion,
    ...versions,
    ...platform,
    GitCommit: "",
    GoVersion: "",
  };
}

/** As Go calls it, and so Docker. */
function architecture(): string {
  const names: Partial<Record<string, string>> = { x64: "amd64", ia32: "386" };
  return names[process.arch] ?? process.arch;
}
