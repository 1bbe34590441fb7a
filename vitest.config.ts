import { availableParallelism } from "node:os";
import { dirname, relative, resolve as resolved } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vitest/config";
import { LongestFirst } from "./test/longest-first.ts";
import { patienceMs } from "./test/support/patience.ts";
import { makeRunFolder } from "./test/support/run-folder.ts";

makeRunFolder();
const root = fileURLToPath(new URL(".", import.meta.url));

const resolve = {
  alias: {
    "simswarm/sim": fileURLToPath(new URL("sim/library.ts", import.meta.url)),
    "simswarm/scenario": fileURLToPath(new URL("sim/scenario/dsl.ts", import.meta.url)),
  },
};

const all = ["test/**/*.test.{ts,tsx}", "examples/**/*.test.ts"];

/**
 * Clusters and engines of their own, programs that run for long, what measures its own memory, and
 * screens: each file has a process to itself.
 */
const apart = [
  "test/{tidy,chaos/rounds,growth/growth,sim/library}.test.ts",
  "test/sim/cli/{bugs,cli,explain,explore,whatif}.test.ts",
  "test/{sim/report/report-page,tui/{app,look,terminal,top,views}}.test.{ts,tsx}",
  "test/real/!(choose-engine|memory-files|unix-socket).test.ts",
  "test/real/{ctl/{cluster-source,swarmctl},daemon/dev,grpc/peer-network,logs/logs}.test.ts",
  "test/real/{docker/rolling-update,docker-api/{cli,dockerode,stacks}}.test.ts",
  "test/real/overlay/{between-machines,name-server,one-engine}.test.ts",
  "test/real/storage/{large-state,open-storage}.test.ts",
];

/** What is decided, and what is simulated: the same each time. */
const simulated = ["test/{core,sim}/**/*.test.ts"];

/** These simulate for long, and do little else. */
const simulating = [
  ...["test/{determinism,regressions}.test.ts", "test/sim/{lease-reads,planted}.test.ts"],
  ...["test/sim/users/{clients,users}.test.ts", "test/sim/raft/raft-world.test.ts"],
];

/** Imports what was built of the product: as modules of Node's own it runs in half the time. */
const builtModules: Plugin = {
  name: "built modules",
  enforce: "pre",
  resolveId(source, importer = "") {
    const path = relative(root, resolved(dirname(importer), source));
    if (!/^(core|sim|real|tui)\/.*\.tsx?$/.test(path)) return null;
    return resolved(root, "dist", path.replace(/\.tsx?$/, ".js"));
  },
};

/** Of a test, or of what goes before it, on a machine that has seven times as much to do. */
const patience = {
  ...{ testTimeout: 240_000, hookTimeout: 240_000 },
  expect: { poll: { timeout: patienceMs, interval: 100 } },
};

/**
 * Real processes, disks and engines share a machine with whatever else runs there. Where all checks
 * run, what fails beside them is tried once more, and `.ci/tally.js` says of which tests that is true.
 * What is simulated has no such excuse.
 */
const again = { retry: process.env.CI === undefined ? 0 : 1 };

/** One set of modules, which keep no state, for all files of a worker: to load it takes long. */
const together = { isolate: false };

/** What all projects have in common. */
const built = { resolve, plugins: [builtModules] };
const inBuilt = { ...patience, server: { deps: { external: [/\/dist\//] } } };

export default defineConfig({
  test: {
    watch: false,
    // Tests of real nodes wait more than they compute: one more than there are cores.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    globalSetup: ["test/build.ts"],
    projects: [
      { ...built, test: { ...inBuilt, ...again, name: "apart", include: apart } },
      {
        ...built,
        test: {
          ...{ ...inBuilt, ...again, ...together, name: "real", include: all },
          exclude: ["**/node_modules/**", ...apart, ...simulated, ...simulating],
        },
      },
      {
        ...built,
        test: {
          ...{ ...inBuilt, ...together, name: "simulated", include: simulated },
          exclude: [...apart, ...simulating],
        },
      },
      { ...built, test: { ...inBuilt, name: "simulating", include: simulating } },
    ],
  },
});
