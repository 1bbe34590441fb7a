import fc from "fast-check";

/** What Docker's clients may send, as far as it can be had. */

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const words = fc.array(word, { maxLength: 3 });
const labels = fc.dictionary(word, fc.string({ maxLength: 6 }), { maxKeys: 3 });
const count = fc.nat({ max: 1_000_000 });
/** Docker's nanoseconds, as fine as ours. */
const span = count.map((micros) => micros * 1_000);
const longer = fc.integer({ min: 1, max: 1_000_000 }).map((micros) => micros * 1_000);
const flag = fc.boolean();

/** Any of the fields, or none. */
function some<T>(fields: { [Name in keyof T]: fc.Arbitrary<T[Name]> }) {
  return fc.record(fields, { requiredKeys: [] });
}

function all<T>(fields: { [Name in keyof T]: fc.Arbitrary<T[Name]> }) {
  return fc.record(fields);
}

const place = all({ Name: word, UID: fc.constant("7"), GID: fc.constant("8"), Mode: count });

const mount = fc.oneof(
  fc.record(
    {
      Type: fc.constant("bind"),
      Source: word,
      Target: word,
      ReadOnly: flag,
      Consistency: fc.constantFrom("cached", "delegated"),
      BindOptions: some({
        Propagation: fc.constantFrom("rslave", "rshared"),
        NonRecursive: flag,
        CreateMountpoint: flag,
        ReadOnlyNonRecursive: flag,
        ReadOnlyForceRecursive: flag,
      }),
    },
    { requiredKeys: ["Type", "Target"] },
  ),
  fc.record(
    {
      Type: fc.constant("volume"),
      Source: word,
      Target: word,
      VolumeOptions: some({
        NoCopy: flag,
        Subpath: word,
        Labels: labels,
        DriverConfig: some({ Name: word, Options: labels }),
      }),
    },
    { requiredKeys: ["Type", "Target"] },
  ),
  all({
    Type: fc.constant("tmpfs"),
    Target: word,
    TmpfsOptions: some({
      SizeBytes: count,
      Mode: count,
      Options: fc.array(fc.array(word, { minLength: 1, maxLength: 2 }), { maxLength: 2 }),
    }),
  }),
  all({
    Type: fc.constant("image"),
    Source: word,
    Target: word,
    ImageOptions: some({ Subpath: word }),
  }),
);

const container = some({
  Image: word,
  Labels: labels,
  Command: words,
  Args: words,
  Env: words,
  Dir: word,
  User: word,
  Groups: words,
  Hostname: word,
  Hosts: words,
  DNSConfig: some({ Nameservers: words, Search: words, Options: words }),
  TTY: flag,
  OpenStdin: flag,
  ReadOnly: flag,
  Init: flag,
  Isolation: fc.constant("default"),
  CapabilityAdd: words,
  CapabilityDrop: words,
  Sysctls: labels,
  Ulimits: fc.array(all({ Name: word, Soft: count, Hard: fc.constantFrom(-1, 5) }), {
    maxLength: 2,
  }),
  OomScoreAdj: fc.integer({ min: -1000, max: 1000 }),
  Privileges: some({
    NoNewPrivileges: flag,
    Seccomp: some({ Mode: word, Profile: word }),
    AppArmor: some({ Mode: word }),
    SELinuxContext: some({ Disable: flag, User: word, Role: word, Type: word, Level: word }),
  }),
  Mounts: fc.array(mount, { maxLength: 3 }),
  Secrets: fc.array(all({ File: place, SecretID: word, SecretName: word }), { maxLength: 2 }),
  Configs: fc.array(all({ File: place, ConfigID: word, ConfigName: word }), { maxLength: 2 }),
  Healthcheck: some({
    Test: words,
    Interval: span,
    Timeout: span,
    StartPeriod: span,
    StartInterval: span,
    Retries: count,
  }),
  StopSignal: word,
  StopGracePeriod: span,
});

const generic = fc.uniqueArray(all({ DiscreteResourceSpec: all({ Kind: word, Value: count }) }), {
  maxLength: 2,
  selector: ({ DiscreteResourceSpec: { Kind } }) => Kind,
});

const task = fc.record(
  {
    ContainerSpec: container,
    Resources: some({
      Limits: some({ NanoCPUs: count, MemoryBytes: count, Pids: count }),
      Reservations: some({ NanoCPUs: count, MemoryBytes: count, GenericResources: generic }),
    }),
    RestartPolicy: some({
      Condition: fc.constantFrom("none", "on-failure", "any"),
      Delay: span,
      MaxAttempts: count,
      Window: span,
    }),
    Placement: some({
      Constraints: words,
      Preferences: fc.array(all({ Spread: all({ SpreadDescriptor: word }) }), { maxLength: 2 }),
      MaxReplicas: count,
      Platforms: fc.array(all({ Architecture: word, OS: word }), { maxLength: 2 }),
    }),
    ForceUpdate: count,
    Runtime: fc.constant("container"),
    Networks: fc.array(
      fc.record({ Target: word, Aliases: words, DriverOpts: labels }, { requiredKeys: ["Target"] }),
      { maxLength: 2 },
    ),
    LogDriver: fc.record({ Name: word, Options: labels }, { requiredKeys: ["Name"] }),
  },
  { requiredKeys: ["ContainerSpec"] },
);

const update = fc.record(
  {
    Parallelism: count,
    Delay: span,
    FailureAction: fc.constantFrom("pause", "continue", "rollback"),
    Monitor: longer,
    MaxFailureRatio: fc.constantFrom(0, 0.25, 0.123456, 1),
    Order: fc.constantFrom("stop-first", "start-first"),
  },
  { requiredKeys: [] },
);

const lasting = fc.oneof(
  fc.constant({}),
  fc.constant({ Global: {} }),
  some({ Replicas: count }).map((Replicated) => ({ Replicated })),
);

const jobs = fc.oneof(
  fc.constant({ GlobalJob: {} }),
  some({ MaxConcurrent: count, TotalCompletions: count }).map((ReplicatedJob) => ({
    ReplicatedJob,
  })),
);

const port = fc.record(
  {
    Name: word,
    Protocol: fc.constantFrom("tcp", "udp", "sctp"),
    TargetPort: count,
    PublishedPort: count,
    PublishMode: fc.constantFrom("ingress", "host"),
  },
  { requiredKeys: ["TargetPort"] },
);

const common = {
  Name: word,
  Labels: labels,
  TaskTemplate: task,
  EndpointSpec: some({
    Mode: fc.constantFrom("vip", "dnsrr"),
    Ports: fc.array(port, { maxLength: 2 }),
  }),
};

/** A `ServiceSpec` of Docker's that says nothing which can't be had. */
export const dockerServices = fc.oneof(
  fc.record(
    { ...common, Mode: lasting, UpdateConfig: update, RollbackConfig: update },
    { requiredKeys: ["TaskTemplate"] },
  ),
  fc.record({ ...common, Mode: jobs }, { requiredKeys: ["TaskTemplate", "Mode"] }),
);
