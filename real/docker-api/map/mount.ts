import type { z } from "zod";
import { isEqual } from "../../../core/base/equal.ts";
import { type Mount, type MountOptions, noMountOptions } from "../../../core/model/mount.ts";
import { count, dockerObject, flag, labels, lean, mapOf, text, wordOf } from "./schema.ts";

export const mountSchema = dockerObject({
  Type: text,
  Source: text,
  Target: text,
  ReadOnly: flag,
  Consistency: text,
  BindOptions: dockerObject({ Propagation: text, NonRecursive: flag }).optional(),
  VolumeOptions: dockerObject({
    NoCopy: flag,
    Labels: labels,
    DriverConfig: dockerObject({ Name: text, Options: labels }).optional(),
  }).optional(),
  TmpfsOptions: dockerObject({ SizeBytes: count, Mode: count }).optional(),
});

type DockerMount = z.infer<typeof mountSchema>;

const kinds = ["bind", "tmpfs", "volume", "cluster"] as const;

export function mountOf(mount: DockerMount): Mount {
  const { Type, Source = "", Target = "", ReadOnly = false, VolumeOptions } = mount;
  const kind = wordOf(Type, kinds, "volume", `invalid MountType: "${Type}"`);
  const driver = VolumeOptions?.DriverConfig?.Name ?? "";
  const options = optionsOf(mount);
  return {
    kind,
    source: Source,
    target: Target,
    readOnly: ReadOnly,
    ...(driver === "" ? {} : { driver }),
    ...(isEqual(options, noMountOptions) ? {} : { options }),
  };
}

function optionsOf(mount: DockerMount): MountOptions {
  const { Consistency = "", BindOptions, VolumeOptions, TmpfsOptions } = mount;
  return {
    consistency: Consistency === "default" ? "" : Consistency,
    propagation: BindOptions?.Propagation ?? "",
    nonRecursive: BindOptions?.NonRecursive ?? false,
    noCopy: VolumeOptions?.NoCopy ?? false,
    labels: mapOf(VolumeOptions?.Labels),
    driverOptions: mapOf(VolumeOptions?.DriverConfig?.Options),
    sizeBytes: TmpfsOptions?.SizeBytes ?? 0,
    mode: TmpfsOptions?.Mode ?? 0,
  };
}

/** Also what an engine is asked to mount. */
export function dockerMount(mount: Mount): DockerMount {
  const { kind, source, target, readOnly, driver = "", options = noMountOptions } = mount;
  const { propagation, nonRecursive, noCopy, consistency, sizeBytes, mode } = options;
  const DriverConfig = lean({ Name: driver, Options: Object.fromEntries(options.driverOptions) });
  const VolumeOptions = lean({
    NoCopy: noCopy,
    Labels: Object.fromEntries(options.labels),
    DriverConfig,
  });
  return {
    Type: kind,
    ...lean({
      Source: source,
      Target: target,
      ReadOnly: readOnly,
      Consistency: consistency,
      BindOptions: lean({ Propagation: propagation, NonRecursive: nonRecursive }),
      VolumeOptions,
      TmpfsOptions: lean({ SizeBytes: sizeBytes, Mode: mode }),
    }),
  };
}
