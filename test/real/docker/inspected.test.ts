import type Docker from "dockerode";
import { expect, test } from "vitest";
import { inspect } from "../../../real/docker/inspected.ts";
import { bootId } from "../../../real/process/proc.ts";

/** Whether a container that ended is taken for one that went down with its machine. */
async function wentWithMachine(StartedAt: string, boot: string): Promise<boolean | undefined> {
  const answer = {
    State: { Running: false, StartedAt, ExitCode: 0 },
    Config: { Labels: { "simswarm.boot.id": boot } },
    HostConfig: {},
    NetworkSettings: { Networks: {} },
  };
  const docker = { getContainer: () => ({ inspect: async () => answer }) };
  return (await inspect(docker as unknown as Docker, "web.1"))?.wentWithMachine;
}

const [longAgo, never] = ["2000-01-01T00:00:00Z", "0001-01-01T00:00:00Z"];
const now = new Date().toISOString();

test("what was made in this boot did not go with it, whatever the calendar says", async () => {
  expect(await wentWithMachine(longAgo, bootId())).toBe(false);
});

test("one of an earlier boot did, unless it was started since, or never", async () => {
  expect(await wentWithMachine(longAgo, "earlier")).toBe(true);
  expect(await wentWithMachine(now, "earlier")).toBe(false);
  expect(await wentWithMachine(never, "earlier")).toBe(false);
});
