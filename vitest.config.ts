import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { patienceMs } from "./test/support/patience.ts";

const resolve = {
  alias: {
    "simswarm/sim": fileURLToPath(new URL("sim/library.ts", import.meta.url)),
    "simswarm/scenario": fileURLToPath(new URL("sim/scenario/dsl.ts", import.meta.url)),
  },
};

const all = ["test/**/*.test.{ts,tsx}", "examples/**/*.test.ts"];

/**
 * Core and the simulator keep no state in modules: the files of one worker share one set of them.
 * Whatever starts programs, or looks at pages, is on its own.
 */
const shared = [
  "test/core/**/*.test.ts",
  "test/sim/!(cli|report)/**/*.test.ts",
  "test/sim/!(library).test.ts",
  "test/regressions.test.ts",
];

/** Of a test, or of what goes before it, on a machine that has seven times as much to do. */
const patience = {
  ...{ testTimeout: 240_000, hookTimeout: 240_000 },
  expect: { poll: { timeout: patienceMs } },
};

export default defineConfig({
  test: {
    watch: false,
    // Tests of real nodes wait more than they compute: one more than there are cores.
    maxWorkers: availableParallelism() + 1,
    projects: [
      {
        resolve,
        test: {
          ...{ name: "apart", include: all, exclude: ["**/node_modules/**", ...shared] },
          ...{ globalSetup: ["test/build.ts"], ...patience },
        },
      },
      { resolve, test: { name: "together", include: shared, isolate: false, ...patience } },
    ],
  },
});
