import type { Command } from "commander";
import { expect, test } from "vitest";
import { swarmdCommand } from "../../../real/daemon/command.ts";
import { ownVersion } from "../../../real/version.ts";
import { ran } from "../../support/programs.ts";

// Goal: whoever mistypes a flag of `swarmd` is told what is wrong with it, and nothing is begun.
// Method: the program's command line, with nothing to do; and once the program itself.

const begun: string[] = [];
const begin = (name: string) => async () => void begun.push(name);

/** What is said to who writes this. */
async function complaint(words: readonly string[]): Promise<string> {
  let said = "";
  const writeErr = (text: string) => {
    said += text;
  };
  const [run, dev] = [begin("run"), begin("dev")];
  const program = swarmdCommand({ run, dev, restore: begin("restore"), dump: begin("dump") });
  const quiet = (command: Command) => {
    command.exitOverride().configureOutput({ writeErr });
    command.commands.forEach(quiet as never);
  };
  quiet(program);
  await program.parseAsync([...words], { from: "user" }).catch((error: Error) => {
    said += error.message;
  });
  return said;
}

test.each([
  [["--tick", "0"], "--tick is 1ms at least"],
  [["--tick", "100h"], "--election-tick of them are 10 minutes at most"],
  [["--election-tick", "1"], "--election-tick must be more than --heartbeat-tick"],
  [["--hostname", ""], "A name has letters, digits"],
  [["--unlock-key", "SWMKEY-1-x"], "this is no unlock key"],
  [["--join-addr", "10.0.0.1"], "'10.0.0.1' is no address: write host:port"],
  [["--join-addr", "10.0.0.1:4242"], "name both --join-addr and --join-token"],
  [["--executor", "process", "--engine-addr", "unix:///d.sock"], "leave out --engine-addr"],
  [["--listen-debug", "127.0.0.1:6060"], "write the path of a socket"],
  [["--tick", "99999999999h"], "is more than can be counted"],
  [["--data-path-port", "80"], "is not in valid range (1024-49151) : 80"],
  [["--state-dir", ""], "option '-d, --state-dir <folder>' is empty"],
  [["--docker-socket", "", "dev"], "option '--docker-socket <path>' is empty"],
  [["debug", "dump-wal", "--state-dir", ""], "option '-d, --state-dir <folder>' is empty"],
  [["dev", "--managers", "51"], "Write a number from 1 to 50"],
  [["dev", "--workers", "9999999999"], "Write a number from 0 to 50"],
  [["frob"], "unknown command 'frob': there are dev, restore, debug"],
  [["--state-di", "/tmp"], "(Did you mean --state-dir?)"],
])("%j is refused", async (words, reason) => {
  expect(await complaint(words)).toContain(reason);
  expect(begun).toEqual([]);
});

test("what is refused ends the program at once, without a trace of its insides", async () => {
  for (const words of [["--tick", "0"], ["frob"]]) {
    const { code, err } = await ran("swarmd", words);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/tick|frob/) });
    expect(err).not.toContain("    at ");
  }
});

test("the help tells defaults that say something, and the version is the package's", async () => {
  const { out } = await ran("swarmd", ["--help"]);
  expect(out).toContain("--tick <span>");
  expect(out).toContain("(default: 100ms)");
  expect(out).not.toMatch(/default: (false|""|\[\]|\))/);
  expect((await ran("swarmd", ["--version"])).out).toBe(`${ownVersion}\n`);
  expect((await ran("swarmctl", ["-v"])).out).toBe(`${ownVersion}\n`);
});
