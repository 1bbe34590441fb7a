import { spawn } from "node:child_process";

/** Programs of iproute2. */
export type Program = "ip" | "bridge";

/** What `real/overlay` asks of the kernel, by way of iproute2. */
export interface IpRoute {
  /** Carries out lines in their order up to the first that fails. Rejects with what is wrong. */
  run(program: Program, lines: readonly string[]): Promise<void>;
  /** What a command lists. Rejects with what is wrong. */
  list(program: Program, ...args: readonly string[]): Promise<readonly unknown[]>;
}

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
    const child = spawn(command, rest, { stdio: "pipe" });
    const parts = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (parts.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (parts.stderr += text));
    child.on("error", (error) => reject(new Error(missing(program, error))));
    child.on("close", (code) => {
      if (code === 0) resolve(parts.stdout);
      else reject(new Error(failed(program, args, parts.stderr)));
    });
    child.stdin.on("error", () => undefined).end(input);
  });
}

function missing(program: Program, { code, message }: NodeJS.ErrnoException): string {
  return code === "ENOENT" ? `there is no '${program}': install iproute2` : message;
}

/** The program's own words, with what to do about those that are known. */
function failed(program: Program, args: readonly string[], stderr: string): string {
  const [said = ""] = stderr.trim().split("\n");
  const what = `'${program} ${args.join(" ")}' failed: ${said}`;
  if (said.includes("not permitted")) return `${what}: it needs root or CAP_NET_ADMIN`;
  if (/Unknown device type|not supported/.test(said)) return `${what}: does the kernel have vxlan?`;
  if (/File exists|already exists/.test(said))
    return `${what}: another program has VXLAN with the same number on the same port`;
  return what;
}
