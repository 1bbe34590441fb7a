import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { note, notes } from "./run-folder.ts";

/** Each machine has the address of its number in this network, which is nobody else's business. */
const network = "10.213.0";
const port = 4242;

/**
 * Machines of their own as far as the network goes: a namespace each, joined by a bridge. No packet
 * leaves them. Needs root, iproute2 and util-linux; what is missing is said by an error.
 */
export class Machines {
  readonly #prefix = `sw${randomBytes(3).toString("hex")}`;
  readonly #numbers = new Map<string, number>();

  constructor() {
    note("machines", this.#prefix);
    this.#ip("link", "add", this.#bridge, "type", "bridge");
    this.#ip("link", "set", this.#bridge, "up");
  }

  /** A new machine. */
  add(name: string): void {
    const number = this.#numbers.size + 1;
    this.#numbers.set(name, number);
    const [space, cable] = [this.#space(name), this.#cable(name)];
    this.#ip("netns", "add", space);
    this.#ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", space);
    this.#ip("link", "set", cable, "master", this.#bridge, "up");
    this.#ip("-n", space, "address", "add", `${network}.${number}/24`, "dev", "eth0");
    for (const link of ["lo", "eth0"]) this.#ip("-n", space, "link", "set", link, "up");
  }

  /** Host and port of what listens on the machine. */
  address(name: string): string {
    return `${network}.${this.#numbers.get(name)}:${port}`;
  }

  /** Goes before a command that is to run on the machine; the process is the command itself. */
  enter(name: string): readonly string[] {
    return ["nsenter", `--net=/run/netns/${this.#space(name)}`];
  }

  /** Drops every packet to and from the machine, without a word to either end. */
  cut(name: string): void {
    this.#port(name, "disabled");
  }

  heal(name: string): void {
    this.#port(name, "forwarding");
  }

  /**
   * From now on only so many bits a second get to the machine, or from it; 0: none, without a word.
   * What is too much waits for 400 ms at most, and is dropped.
   */
  throttle(name: string, way: "to" | "from", bitsPerSecond: number): void {
    const space = way === "from" ? ["-n", this.#space(name)] : [];
    const device = way === "from" ? "eth0" : this.#cable(name);
    // A packet that is larger than the burst never gets through.
    const most = bitsPerSecond === 0 ? "rate 1kbit burst 1 limit 1" : rateOf(bitsPerSecond);
    run("tc", [
      ...space,
      ..."qdisc replace dev".split(" "),
      device,
      "root",
      "tbf",
      ...most.split(" "),
    ]);
  }

  /** As it was. */
  unthrottle(name: string, way: "to" | "from"): void {
    const space = way === "from" ? ["-n", this.#space(name)] : [];
    const device = way === "from" ? "eth0" : this.#cable(name);
    run("tc", [...space, ..."qdisc del dev".split(" "), device, "root"]);
  }

  /** Bytes that have got to the machine so far. */
  received(name: string): number {
    const counted = `/sys/class/net/${this.#cable(name)}/statistics/tx_bytes`;
    return Number(readFileSync(counted, "utf8"));
  }

  /** The machine's only device: what listens there goes on, and everything it sends fails. */
  unplug(name: string): void {
    this.#ip("-n", this.#space(name), "link", "set", "eth0", "down");
  }

  plug(name: string): void {
    this.#ip("-n", this.#space(name), "link", "set", "eth0", "up");
  }

  /** Ends each TCP connection of the machine with another, as both ends hear (`ss -K`). */
  reset(name: string): void {
    const killing = ["netns", "exec", this.#space(name), "ss", "-Ktn", "dst", `${network}.0/24`];
    this.#ip(...killing);
  }

  /** The machine's TCP sockets to other machines, and what listens, by their states. */
  sockets(name: string): readonly string[] {
    const { stdout } = spawnSync("ip", ["netns", "exec", this.#space(name), "ss", "-Htan"], {
      encoding: "utf8",
    });
    return stdout.split("\n").filter((line) => line.includes(network));
  }

  remove(): void {
    for (const name of this.#numbers.keys()) this.#ip("netns", "delete", this.#space(name));
    this.#ip("link", "delete", this.#bridge);
  }

  #port(name: string, state: "disabled" | "forwarding"): void {
    const number = state === "disabled" ? "0" : "3";
    run("bridge", ["link", "set", "dev", this.#cable(name), "state", number]);
  }

  get #bridge(): string {
    return `${this.#prefix}b`;
  }

  #space(name: string): string {
    return `${this.#prefix}-${name}`;
  }

  #cable(name: string): string {
    return `${this.#prefix}-${this.#numbers.get(name)}`;
  }

  #ip(...args: readonly string[]): void {
    run("ip", args);
  }
}

/** Removes those of this run of tests that nobody has removed. */
export function removeMachines(): void {
  const prefixes = notes("machines");
  if (prefixes.length === 0) return;
  const named = (...args: readonly string[]): string[] => {
    const { stdout } = spawnSync("ip", ["-json", ...args], { encoding: "utf8" });
    const found = JSON.parse(stdout || "[]") as { name?: string; ifname?: string }[];
    const names = found.map(({ name, ifname }) => name ?? ifname ?? "");
    return names.filter((name) => prefixes.some((prefix) => name.startsWith(prefix)));
  };
  for (const space of named("netns", "list")) spawnSync("ip", ["netns", "delete", space]);
  for (const link of named("link")) spawnSync("ip", ["link", "delete", link]);
}

function rateOf(bitsPerSecond: number): string {
  return `rate ${bitsPerSecond}bit burst 16kb latency 400ms`;
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (status === 0) return;
  const reason = error?.message ?? stderr.trim();
  const what = `'${command} ${args.join(" ")}' failed: ${reason}`;
  throw new Error(`${what}. Network namespaces need root, iproute2 and util-linux.`);
}
