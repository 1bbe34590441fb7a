import type { ExternalAnswer, ExternalRequest } from "../../core/ca/external-request.ts";
import { CfsslClient } from "../../real/signer/cfssl.ts";
import { makeRequest } from "../../real/signer/x509.ts";
import { Kernel } from "../../sim/kernel.ts";
import { Authorities, authorityOf } from "../../sim/ports/authorities.ts";
import { SigningServer } from "../support/signing-server.ts";
import { random } from "../support/store.ts";
import { eventually, newCredentials, newRoot } from "../support/tls-nodes.ts";
import { type Behaviour, type ExternalCaRig, externalCaConformance } from "./external-ca-suite.ts";

externalCaConformance({ name: "simulated authorities", open: async () => simRig() });
externalCaConformance({ name: "CFSSL's API over HTTPS", open: realRig });

function simRig(): ExternalCaRig {
  const kernel = new Kernel();
  const authorities = new Authorities(
    kernel,
    () => random(),
    () => null,
  );
  const { url, root } = authorityOf("north", true);
  const answers: ExternalAnswer[] = [];
  let requests = 0;
  return {
    answers,
    url,
    root: root as NonNullable<typeof root>,
    request: async () => `request ${++requests}`,
    ask: (request) => authorities.ask(0, request, (answer) => answers.push(answer) > 0),
    behave: (behaviour) => authorities.change("north", behaviour),
    async until(isSo) {
      while (!isSo()) {
        if (kernel.nextAt === null) throw new Error("nothing more happens");
        kernel.step();
      }
    },
    close: async () => undefined,
  };
}

async function realRig(): Promise<ExternalCaRig> {
  const [root, other] = [await newRoot(), await newRoot()];
  const server = await SigningServer.start(root);
  const answers: ExternalAnswer[] = [];
  const shown = await newCredentials(root, "m1");
  const client = new CfsslClient(shown, (answer) => answers.push(answer));
  const { request: elses } = await makeRequest();
  const subject = { CN: "w1", names: [{ OU: "swarm-manager", O: "org" }] };
  const behaviours: Readonly<Record<Behaviour, SigningServer["behaviour"]>> = {
    sound: {},
    hangs: { body: null },
    refuses: { body: '{"success":false,"result":null,"errors":[]}' },
    "other-key": { instead: () => ({ certificate_request: elses }) },
    "other-role": { instead: () => ({ subject }) },
    "other-root": { signs: other },
  };
  return {
    answers,
    url: server.url,
    root,
    request: async () => (await makeRequest()).request,
    ask: (request: ExternalRequest) => client.ask(request),
    behave(behaviour) {
      server.behaviour = behaviours[behaviour];
    },
    until: (isSo) => eventually(isSo, "the authority's answer"),
    close: async () => server.stop(),
  };
}
