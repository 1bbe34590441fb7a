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
 * Core, the simulator and whatever only turns one form into another keep no state in modules: the
 * files of one worker share one set of them. Who starts programs, or looks at pages, is on its own.
 */
const shared = [
  "test/core/**/*.test.ts",
  "test/sim/!(cli|report)/**/*.test.ts",
  "test/sim/!(library).test.ts",
  "test/regressions.test.ts",
  "test/real/{wire,command-line,ctl/options,ctl/top}/**/*.test.ts",
  "test/real/ctl/{env-file,output,registry-auth}.test.ts",
  "test/real/docker/{inspected,needed-version}.test.ts",
  "test/real/docker-api/{addresses,cluster,cluster-routes,event,network-map}.test.ts",
  "test/real/docker-api/{listen,network-routes,service-spec,services}.test.ts",
  "test/real/{choose-engine,api/control-server,ctl/templates/go-template}.test.ts",
  "test/real/{daemon/{demote-first,metrics,notices,reachable},docker/client}.test.ts",
  "test/real/{grpc/address-exchange,logs/line-merge}.test.ts",
  "test/{ports/entropy,tui/{keys,line,picture-stream,table}}.test.ts",
  "test/sim/cli/{bugs-report,bugs-request,corpus-folder,report,request,why-report}.test.ts",
  "test/sim/report/{chart-frame,state-at,thin,view-window}.test.ts",
];

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
      {
        ...built,
        test: {
          ...{ ...inBuilt, ...again, name: "apart", include: all },
          exclude: ["**/node_modules/**", ...shared, ...simulating],
        },
      },
      {
        ...built,
        test: {
          ...{ ...inBuilt, name: "together", include: shared },
          ...{ exclude: simulating, isolate: false },
        },
      },
      { ...built, test: { ...inBuilt, name: "simulating", include: simulating } },
    ],
  },
});
