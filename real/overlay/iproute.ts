import { execFile } from "node:child_process";

/** Programs of iproute2. */
export type Program = "ip" | "bridge";

/** What `real/overlay` asks of the kernel, by way of iproute2. */
export interface IpRoute {
  /** Carries out lines in their order up to the first that fails. Rejects with what is wrong. */
  run(program: Program, lines: readonly string[]): Promise<void>;
  /** What a command lists. Rejects with what is wrong. */
  list(program: Program, ...args: readonly string[]): Promise<readonly unknown[]>;
}

/** A kernel that takes longer hangs; the entries of a large overlay are some megabytes. */
const limits = { timeout: 30_000, maxBuffer: 64 * 1024 * 1024 } as const;

/** The one of this machine; `enter` is a command that runs others where they are to run. */
export function newIpRoute(enter: readonly string[] = []): IpRoute {
  return {
    async run(program, lines) {
      if (lines.length === 0) return;
      await output(enter, program, ["-batch", "-"], `${lines.join("\n")}\n`);
    },
    async list(program, ...args) {
      const text = await output(enter, program, ["-json", ...args], "");
      return text.trim() === "" ? [] : (JSON.parse(text) as readonly unknown[]);
    },
  };
}

function output(
  enter: readonly string[],
  program: Program,
  args: readonly string[],
  input: string,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const [command = program, ...rest] = [...enter, program, ...args];
    const child = execFile(command, rest, limits, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (error.code === "ENOENT") reject(new Error(missing(program)));
      else reject(new Error(failed(program, args, stderr.trim() || error.message)));
    });
    child.stdin?.on("error", () => undefined).end(input);
  });
}

function missing(program: Program): string {
  return `there is no '${program}': install iproute2`;
}

/** The program's own words, with what to do about those that are known. */
function failed(program: Program, args: readonly string[], words: string): string {
  const [said = ""] = words.split("\n");
  const what = `'${program} ${args.join(" ")}' failed: ${said}`;
  if (said.includes("not permitted")) return `${what}: it needs root or CAP_NET_ADMIN`;
  if (/Unknown device type|not supported/.test(said)) return `${what}: does the kernel have vxlan?`;
  if (/File exists|already exists/.test(said))
    return `${what}: another program has VXLAN with the same number on the same port`;
  return what;
}
