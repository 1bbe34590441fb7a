import { expect, test } from "vitest";
import { portProblem } from "../../../core/control/ports.ts";
import { type ServiceTraits, service, spec } from "../../support/model.ts";
import { storeOf } from "../../support/store.ts";

const published = (publishedPort: number, publishMode: "ingress" | "host" = "ingress") => ({
  publishedPort,
  publishMode,
});

test.each<[string, ServiceTraits]>([
  ["EndpointSpec: duplicate published ports provided", { ports: [published(90), published(90)] }],
  ["EndpointSpec: target port 0 is not between 1 and 65535", { ports: [{ targetPort: 0 }] }],
  ["EndpointSpec: published port 65536 is not between 1 and 65535", { ports: [published(65_536)] }],
  [
    "port '80' is already in use by service 'web' (web) as an ingress port",
    { ports: [published(80)] },
  ],
  [
    "port '80' is already in use by service 'web' (web) as an ingress port",
    { ports: [published(80, "host")] },
  ],
  [
    "port '81' is already in use by service 'web' (web) as a host-published port",
    { ports: [published(81)] },
  ],
])("a service is refused with %j", (message, traits) => {
  const store = storeOf(service("web", { ports: [published(80), published(81, "host")] }));
  expect(portProblem(store, null, spec("api", traits))).toEqual({
    code: "InvalidArgument",
    message,
  });
});

test("services may share a port on hosts, a number of another protocol, and keep their own", () => {
  const store = storeOf(service("web", { ports: [published(80), published(81, "host")] }));
  const udp = { ...published(80), protocol: "udp" } as const;
  expect(portProblem(store, null, spec("api", { ports: [udp, published(81, "host")] }))).toBeNull();
  const own = { ports: [published(80), published(81, "host")] };
  expect(portProblem(store, "web", spec("web", own))).toBeNull();
  const open = { ports: [published(0), published(0), published(0, "host")] };
  expect(portProblem(store, null, spec("api", open))).toBeNull();
});

test("no node would carry sctp, so it is refused by name", () => {
  const web = spec("web", { ports: [{ ...published(80), protocol: "sctp" }] });
  expect(portProblem(storeOf(), null, web)).toEqual({
    code: "InvalidArgument",
    message:
      "EndpointSpec: port published with ingress mode can't be sctp: publish it in host mode",
  });
  const onHosts = spec("web", { ports: [{ ...published(80, "host"), protocol: "sctp" }] });
  expect(portProblem(storeOf(), null, onHosts)).toBeNull();
});

test("a service without a virtual address publishes on hosts only", () => {
  const web = spec("web", { ports: [published(80)] });
  const endpoint = { ...web.endpoint, mode: "dnsrr" } as const;
  expect(portProblem(storeOf(), null, { ...web, endpoint })?.message).toBe(
    "EndpointSpec: port published with ingress mode can't be used with dnsrr mode",
  );
});
