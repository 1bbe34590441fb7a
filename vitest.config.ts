import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    alias: {
      "simswarm/sim": fileURLToPath(new URL("sim/library.ts", import.meta.url)),
      "simswarm/scenario": fileURLToPath(new URL("sim/scenario/dsl.ts", import.meta.url)),
    },
  },
  test: {
    include: ["test/**/*.test.{ts,tsx}", "examples/**/*.test.ts"],
    globalSetup: ["test/build.ts"],
    watch: false,
    // Left alone, vitest keeps one core for itself: half of a small machine.
    maxWorkers: availableParallelism(),
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
