import { describe, expect, test } from "vitest";
import { base64OfBytes } from "../../../core/base/base64.ts";
import { seconds } from "../../../core/base/time.ts";
import type { ContainerSpec, HealthConfig } from "../../../core/model/container-spec.ts";
import { levelOf } from "../../../core/model/level.ts";
import { noMountOptions } from "../../../core/model/mount.ts";
import { defaultOverlaySettings } from "../../../core/model/overlay.ts";
import { ca, cluster } from "../../support/certificates.ts";
import { config, moment, node, service, settings, task } from "../../support/model.ts";
import { inOverlay, overlayNetwork } from "../../support/overlays.ts";

// Goal: what an older version would lose or could not read is known by its level.

function levelWith(traits: Partial<ContainerSpec>): number {
  const plain = service("web");
  const { task: asked } = plain.spec;
  const container = { ...asked.container, ...traits };
  return levelOf({ ...plain, spec: { ...plain.spec, task: { ...asked, container } } });
}

const mount = { kind: "bind", source: "/data", target: "/data", readOnly: false } as const;
const health: HealthConfig = {
  ...{ test: ["CMD", "true"], interval: seconds(1), timeout: seconds(1) },
  ...{ retries: 3, startPeriod: seconds(0) },
};

describe("levelOf()", () => {
  test("of what was there from the beginning is 1", () => {
    expect(levelWith({})).toBe(1);
    expect(levelWith({ health, mounts: [mount, { ...mount, options: noMountOptions }] })).toBe(1);
    expect(levelOf(task("t1"))).toBe(1);
    expect(levelOf(settings())).toBe(1);
  });

  test("of tasks that move, and of services whose tasks shall, is 2", () => {
    expect(levelOf({ ...task("t1"), isMove: true })).toBe(2);
    const rebalanceRequestedAt = service("web").meta.createdAt;
    expect(levelOf({ ...service("web"), rebalanceRequestedAt })).toBe(2);
  });

  test.each<[string, Partial<ContainerSpec>]>([
    ["how soon it goes when memory is short", { oomScoreAdj: 500 }],
    ["checks while it starts", { health: { ...health, startInterval: seconds(1) } }],
    ["an image as a mount", { mounts: [{ ...mount, kind: "image" }] }],
    [
      "a part of a volume",
      { mounts: [{ ...mount, options: { ...noMountOptions, subpath: "a" } }] },
    ],
  ])("of a service with %s is 3", (_, traits) => {
    expect(levelWith(traits)).toBe(3);
  });

  test("of labels and a log driver for the cluster, and options in a network, is 4", () => {
    const logDriver = { name: "local", options: new Map() };
    const driverOptions = new Map([["a", "b"]]);
    const plain = service("web");
    const asked = { ...plain.spec.task, networks: [{ target: "n", aliases: [], driverOptions }] };
    expect(levelOf({ ...plain, spec: { ...plain.spec, task: asked } })).toBe(4);
    expect(levelOf({ ...task("t1"), spec: asked })).toBe(4);
    expect(levelOf({ ...task("t1"), logDriver })).toBe(4);
    expect(levelOf(settings({ labels: new Map([["a", "b"]]) }))).toBe(4);
    expect(levelOf(settings({ logDriver }))).toBe(4);
  });

  test("of nodes that say at which port others reach them is 4", () => {
    expect(levelOf(node("n1", { address: "10.0.0.1" }))).toBe(1);
    expect(levelOf(node("n1", { remoteApiPort: 4242 }))).toBe(4);
  });

  test("of other cluster-wide settings than an older version has is 3", () => {
    const cluster = settings();
    const spec = { ...cluster.spec, engineTimeout: seconds(45) };
    expect(levelOf({ ...cluster, spec })).toBe(3);
  });

  test("of networks between the nodes, of tasks in them, and of how they are made is 4", () => {
    const back = overlayNetwork("back");
    expect(levelOf(back)).toBe(4);
    expect(levelOf(inOverlay(task("t1"), back, "10.0.1.2"))).toBe(4);
    const overlays = { ...defaultOverlaySettings, dataPathPort: 7777 };
    expect(levelOf({ ...settings(), overlays })).toBe(4);
    expect(levelOf({ ...back, overlay: null })).toBe(1);
  });

  test("of roots that vouch for those after them is 6", () => {
    const formerRoots = [{ digest: "r0", crossSigned: "r0 vouches for r1" }];
    expect(levelOf(cluster(ca()))).toBe(1);
    expect(levelOf(cluster(ca({ formerRoots })))).toBe(6);
  });

  test("of a heartbeat period that was cut is 7", () => {
    expect(levelOf({ ...settings(), slowBeatsUntil: moment(1) })).toBe(7);
  });

  test("placeholders that repeat came with version 8, in services and in files", () => {
    expect(levelWith({ hostname: "{{if .Task.Slot}}a{{end}}" })).toBe(4);
    expect(levelWith({ hostname: "{{range .Service.Labels}}{{.}}{{end}}" })).toBe(8);
    expect(levelWith({ env: ["A={{$x := .Task.Slot}}{{$x}}"] })).toBe(8);
    const plain = config("c", base64OfBytes("{{range .Service.Labels}}{{.}}{{end}}"));
    expect(levelOf(plain)).toBe(1);
    expect(levelOf({ ...plain, spec: { ...plain.spec, templating: "golang" } })).toBe(8);
  });

  test("of a task that was taken from its node is 9", () => {
    expect(levelOf({ ...task("t1"), rejectedFor: "constraints" })).toBe(9);
  });
});
