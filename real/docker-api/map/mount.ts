import { z } from "zod";
import { isEqual } from "../../../core/base/equal.ts";
import { type Mount, type MountOptions, noMountOptions } from "../../../core/model/mount.ts";
import { count, dockerObject, flag, labels, lean, mapOf, text, wordOf } from "./schema.ts";

export const mountSchema = dockerObject({
  Type: text,
  Source: text,
  Target: text,
  ReadOnly: flag,
  Consistency: text,
  BindOptions: dockerObject({
    Propagation: text,
    NonRecursive: flag,
    CreateMountpoint: flag,
    ReadOnlyNonRecursive: flag,
    ReadOnlyForceRecursive: flag,
  }).optional(),
  ImageOptions: dockerObject({ Subpath: text }).optional(),
  VolumeOptions: dockerObject({
    NoCopy: flag,
    Subpath: text,
    Labels: labels,
    DriverConfig: dockerObject({ Name: text, Options: labels }).optional(),
  }).optional(),
  TmpfsOptions: dockerObject({
    SizeBytes: count,
    Mode: count,
    Options: z.array(z.array(z.string()).min(1).max(2)).optional(),
  }).optional(),
});

type DockerMount = z.infer<typeof mountSchema>;

const kinds = ["bind", "tmpfs", "volume", "cluster", "image"] as const;

/** Where no type is said it is a bind, as in Swarm. */
export function mountOf(mount: DockerMount): Mount {
  const { Type, Source = "", Target = "", ReadOnly = false, VolumeOptions } = mount;
  const kind = wordOf(Type, kinds, "bind", `invalid MountType: "${Type}"`);
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
  const { Consistency = "", BindOptions = {}, VolumeOptions, TmpfsOptions, ImageOptions } = mount;
  return {
    consistency: Consistency === "default" ? "" : Consistency,
    propagation: BindOptions.Propagation ?? "",
    nonRecursive: BindOptions.NonRecursive ?? false,
    createMountpoint: BindOptions.CreateMountpoint ?? false,
    readOnlyNonRecursive: BindOptions.ReadOnlyNonRecursive ?? false,
    readOnlyForceRecursive: BindOptions.ReadOnlyForceRecursive ?? false,
    subpath: VolumeOptions?.Subpath ?? ImageOptions?.Subpath ?? "",
    noCopy: VolumeOptions?.NoCopy ?? false,
    labels: mapOf(VolumeOptions?.Labels),
    driverOptions: mapOf(VolumeOptions?.DriverConfig?.Options),
    sizeBytes: TmpfsOptions?.SizeBytes ?? 0,
    mode: TmpfsOptions?.Mode ?? 0,
    tmpfsOptions: (TmpfsOptions?.Options ?? []).map((words) => words.join("=")),
  };
}

/** Also what an engine is asked to mount. */
export function dockerMount(mount: Mount): DockerMount {
  const { kind, source, target, readOnly, driver = "", options = noMountOptions } = mount;
  const { noCopy, subpath } = options;
  const DriverConfig = lean({ Name: driver, Options: Object.fromEntries(options.driverOptions) });
  const VolumeOptions = lean({
    NoCopy: noCopy,
    Subpath: kind === "image" ? "" : subpath,
    Labels: Object.fromEntries(options.labels),
    DriverConfig,
  });
  return {
    Type: kind,
    ...lean({
      Source: source,
      Target: target,
      ReadOnly: readOnly,
      Consistency: options.consistency,
      BindOptions: lean({
        Propagation: options.propagation,
        NonRecursive: options.nonRecursive,
        CreateMountpoint: options.createMountpoint,
        ReadOnlyNonRecursive: options.readOnlyNonRecursive,
        ReadOnlyForceRecursive: options.readOnlyForceRecursive,
      }),
      VolumeOptions,
      ImageOptions: lean({ Subpath: kind === "image" ? subpath : "" }),
      TmpfsOptions: lean({
        SizeBytes: options.sizeBytes,
        Mode: options.mode,
        Options: options.tmpfsOptions.map((each) => each.split(/=(.*)/s).slice(0, 2)),
      }),
    }),
  };
}
