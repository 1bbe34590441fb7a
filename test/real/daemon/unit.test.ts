import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const unit = fileURLToPath(new URL("../../../deploy/swarmd.service", import.meta.url));
const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;

test.runIf(hasSystemd)(
  "the systemd unit is valid, and leaves the node little of the machine",
  () => {
    const verified = spawnSync("systemd-analyze", ["verify", unit], { encoding: "utf8" });
    expect(verified).toMatchObject({ status: 0, stderr: "" });
    const words = ["security", "--offline=true", "--threshold=20", unit];
    expect(spawnSync("systemd-analyze", words).status).toBe(0);
  },
);
