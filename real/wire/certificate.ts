import type { CaAnswer, CaRequest } from "../../core/ca/message.ts";
import type { OwnRoot } from "../../core/control/ca.ts";
import type {
  Certificate,
  ClusterCa,
  JoinTokens,
  Root,
  RootRotation,
  Security,
  SigningRoot,
  VouchingRoot,
} from "../../core/model/certificate.ts";
import type { ExternalCa } from "../../core/model/external-ca.ts";
import type { ManagerLock } from "../../core/model/manager-lock.ts";
import { added, flag, list, nullable, oneOf, text, texts } from "./codec.ts";
import { record, union } from "./messages.ts";
import { labels } from "./meta.ts";
import { availability, description, nodeRole } from "./node.ts";
import { timestamp, whole } from "./numbers.ts";

const rootFields = { certificate: text, digest: text };

const root = record<Root>("Root", rootFields);

const signingRoot = record<SigningRoot>("SigningRoot", { ...rootFields, key: text });

export const ownRoot = record<OwnRoot>("OwnRoot", {
  ...rootFields,
  key: text,
  notAfter: timestamp,
  certificates: whole,
});

const rotation = record<RootRotation>("RootRotation", {
  root: nullable(signingRoot),
  crossSigned: nullable(text),
  markedAt: nullable(timestamp),
});

const vouchingRoot = record<VouchingRoot>("VouchingRoot", { digest: text, crossSigned: text });

export const clusterCa = record<ClusterCa>("ClusterCa", {
  organization: text,
  root: signingRoot,
  joinTokens: record<JoinTokens>("JoinTokens", { manager: text, worker: text }),
  rotation: nullable(rotation),
  founding: texts,
  formerRoots: list(vouchingRoot),
});

export const externalCa = record<ExternalCa>("ExternalCa", {
  protocol: oneOf<ExternalCa["protocol"]>("ExternalCaProtocol", { cfssl: 1 }),
  url: text,
  options: labels,
  root: nullable(root),
});

export const managerLock = record<ManagerLock>("ManagerLock", {
  key: nullable(text),
  version: whole,
});

export const security = record<Security>("Security", {
  version: whole,
  roots: list(root),
  issuer: text,
  role: nodeRole,
  mustRenew: flag,
  lastAsManager: whole,
  lock: managerLock,
});

const certificate = record<Certificate>("Certificate", {
  serial: whole,
  nodeId: text,
  role: nodeRole,
  organization: text,
  issuer: text,
  vouchers: texts,
  notBefore: timestamp,
  notAfter: timestamp,
  text,
});

export const caRequest = union<CaRequest>("CaRequest", {
  "root-request": {},
  "certificate-request": {
    attempt: whole,
    request: text,
    token: nullable(text),
    description,
    availability: added(availability, "active"),
  },
});

export const caAnswer = union<CaAnswer>("CaAnswer", {
  root: { root },
  certificate: { attempt: whole, certificate },
  "certificate-refused": { attempt: whole, reason: text, isOut: flag },
  "ask-leader": { attempt: whole, leader: nullable(text) },
});
