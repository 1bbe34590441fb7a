import { expect, test } from "vitest";
import { ms } from "../../../core/base/time.ts";
import type { ContainerSpec } from "../../../core/model/container-spec.ts";
import { noMountOptions } from "../../../core/model/mount.ts";
import { serviceSpec } from "../../../core/model/service-defaults.ts";
import { unknownTo } from "../../../real/docker/needed-version.ts";

// Goal: what an engine is too old for is named, since it would ignore it.

const { container } = serviceSpec("web", "web:1", 1).task;
const mount = { kind: "volume", source: "v", target: "/v", readOnly: false } as const;
const part = { ...container, mounts: [{ ...mount, options: { ...noMountOptions, subpath: "a" } }] };
const span = ms(100);
const health = { test: [], interval: span, timeout: span, startPeriod: span, retries: 1 };

test.each<[string, ContainerSpec, string | null]>([
  ["1.41", container, null],
  ["1.41", { ...container, mounts: [{ ...mount, options: noMountOptions }] }, null],
  ["1.44", part, "subpath needs an engine with API 1.45, and this node's has 1.44"],
  ["1.45", part, null],
  [
    "1.41",
    { ...container, health: { ...health, startInterval: span } },
    "startInterval needs an engine with API 1.44, and this node's has 1.41",
  ],
  ["1.41", { ...container, health }, null],
])("an engine of API %s", (version, spec, problem) => {
  expect(unknownTo(version, spec)).toBe(problem);
});
