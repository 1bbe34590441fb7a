import { z } from "zod";
import type { EndpointSpec, PortConfig } from "../../../core/model/endpoint.ts";
import { count, dockerObject, lean, text, wordOf } from "./schema.ts";

const port = dockerObject({
  Name: text,
  Protocol: text,
  TargetPort: count,
  PublishedPort: count,
  PublishMode: text,
});

export const endpointSchema = dockerObject({ Mode: text, Ports: z.array(port).optional() });

export function endpointOf({ Mode, Ports = [] }: z.infer<typeof endpointSchema>): EndpointSpec {
  const mode = wordOf(Mode, ["vip", "dnsrr"], "vip", `invalid resolution mode: "${Mode}"`);
  return { mode, ports: Ports.map(portOf) };
}

export function dockerEndpoint({ mode, ports }: EndpointSpec): z.infer<typeof endpointSchema> {
  return { Mode: mode, ...lean({ Ports: dockerPorts(ports) }) };
}

export function dockerPorts(ports: readonly PortConfig[]): z.infer<typeof port>[] {
  return ports.map(({ name, protocol, targetPort, publishedPort, publishMode }) => {
    return {
      ...lean({ Name: name }),
      Protocol: protocol,
      TargetPort: targetPort,
      ...lean({ PublishedPort: publishedPort }),
      PublishMode: publishMode,
    };
  });
}

function portOf(docker: z.infer<typeof port>): PortConfig {
  const { Name = "", Protocol, TargetPort = 0, PublishedPort = 0, PublishMode } = docker;
  const protocols = ["tcp", "udp", "sctp"] as const;
  return {
    name: Name,
    protocol: wordOf(Protocol, protocols, "tcp", `invalid protocol value "${Protocol}"`),
    targetPort: TargetPort,
    publishedPort: PublishedPort,
    publishMode: wordOf(
      PublishMode,
      ["ingress", "host"],
      "ingress",
      `invalid PublishMode: "${PublishMode}"`,
    ),
  };
}
