import type { TemplateValue } from "../../../core/model/template-value.ts";

/** Fields that Docker's JSON leaves out where they say nothing, by what a template then finds. */
const absent: readonly (readonly [TemplateValue, readonly string[]])[] = [
  [
    null,
    [
      ...["UpdateStatus", "PreviousSpec", "JobStatus", "JobIteration", "ManagerStatus"],
      ...["ContainerStatus", "Replicated", "Global", "ReplicatedJob", "GlobalJob", "Init"],
      ...["UpdateConfig", "RollbackConfig", "Healthcheck", "Privileges", "LogDriver"],
      ...["Templating", "CompletedAt", "Limits", "Reservations", "BindOptions", "VolumeOptions"],
      ...["TmpfsOptions", "ImageOptions", "DriverConfig"],
    ],
  ],
  [
    [],
    [
      ...["Ports", "Networks", "NetworksAttachments", "Aliases", "GenericResources"],
      ...["Constraints", "Preferences", "Platforms", "Command", "Args", "Env", "Groups"],
      ...["Mounts", "Hosts", "Nameservers", "Search", "Secrets", "Configs", "CapabilityAdd"],
      ...["CapabilityDrop", "Ulimits", "Plugins", "Test", "VirtualIPs", "Addresses"],
    ],
  ],
  [new Map(), ["Labels", "Options", "DriverOpts", "Sysctls"]],
  [
    "",
    [
      ...["Message", "Err", "NodeID", "Hostname", "User", "Dir", "StopSignal", "Name", "Mode"],
      ...["EngineVersion", "Source", "Consistency", "Propagation", "Subpath", "Data"],
      ...["Subnet", "IPRange", "Gateway"],
    ],
  ],
  [
    0,
    [
      ...["Slot", "PublishedPort", "NanoCPUs", "MemoryBytes", "Pids", "MaxReplicas", "Window"],
      ...["Interval", "Timeout", "StartPeriod", "StartInterval", "Retries", "OomScoreAdj"],
      ...["SizeBytes"],
    ],
  ],
  [
    false,
    [
      ...["Leader", "Internal", "Attachable", "IPv6Enabled", "TTY", "OpenStdin", "ReadOnly"],
      ...["NoCopy"],
    ],
  ],
];

const byName = new Map(absent.flatMap(([value, names]) => names.map((name) => [name, value])));

/** What stands for a field that is left out; undefined: it is no field of Docker's. */
export function absentField(name: string): TemplateValue | undefined {
  return byName.get(name);
}
