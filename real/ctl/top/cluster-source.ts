import { setTimeout as pause } from "node:timers/promises";
import type { RaftReport } from "../../../core/control/command.ts";
import type {
  ClusterSource,
  CommandOutcome,
  ConnectionFrame,
  SourceCommand,
  SourceMoment,
} from "../../../core/observe/source.ts";
import type { ControlClient } from "../../api/control-client.ts";
import { failureText } from "../../grpc/failure.ts";
import { ClusterPicture } from "./cluster-picture.ts";
import { type Followed, followManager } from "./follow-manager.ts";
import { type Connect, ManagerLinks } from "./manager-links.ts";
import { isOperator, operate } from "./operate.ts";

/** Moments come no closer than this, and managers are asked this often, in milliseconds. */
const momentEvery = 100;
const askEvery = 1_000;
/** How long a manager may know no leader before another one is followed. */
const leaderlessMost = 3_000;
const leaderless = "it answers, but knows no leader: too few managers may be up";
const retryFirst = 200;
const retryLongest = 2_000;

/** Which cluster, and how its managers are reached. */
export interface WatchedCluster {
  readonly title: string;
  /** As gRPC has them, the first one first; none twice. */
  readonly addresses: readonly string[];
  /** Others that may be of the same cluster: asked once it is known. */
  readonly others: readonly string[];
  /** Where else managers may be, given the host that a node says it is at. */
  readonly addressAt: (host: string) => string | null;
  readonly connect: Connect;
  /** How long the answer to a command may take, in milliseconds. */
  readonly patienceMs: number;
}

/**
 * Watches a real cluster through one of its managers, and through another one when that is gone or
 * has lost the others. What the managers say of themselves each is asked for.
 */
export class LiveCluster implements ClusterSource {
  readonly kind = "cluster";
  readonly title: string;
  readonly #cluster: WatchedCluster;
  readonly #links: ManagerLinks;
  readonly #picture = new ClusterPicture();
  readonly #listeners = new Set<(moment: SourceMoment) => void>();
  readonly #startedAt = performance.now();
  readonly #closing = new AbortController();
  #connection: ConnectionFrame;
  /** Until it is known whether the first manager answers: there is nothing to show, nor lost. */
  #isConnecting = true;
  /** Why each manager could not be followed when that was last tried, by address. */
  readonly #reasons = new Map<string, string>();
  /** The newest term whose leader is known. */
  #term = 0;
  #isFollowed = false;
  #stopFollowing: () => void = () => undefined;
  #operator: ControlClient | null = null;
  #timer: NodeJS.Timeout | null = null;

  /** Throws when an address can't be used. */
  constructor(cluster: WatchedCluster) {
    this.#cluster = cluster;
    this.title = cluster.title;
    this.#links = new ManagerLinks(cluster.connect);
    for (const address of cluster.addresses) this.#links.add(address);
    const [to = ""] = cluster.addresses;
    this.#connection = { state: "lost", to, reason: "nothing was heard so far" };
    void this.#ask();
    void this.#follow();
  }

  listen(heard: (moment: SourceMoment) => void): () => void {
    this.#listeners.add(heard);
    if (!this.#isConnecting) heard(this.#moment());
    return () => this.#listeners.delete(heard);
  }

  send(command: SourceCommand, done: (outcome: CommandOutcome) => void): void {
    if (!isOperator(command)) {
      return done({ ok: false, text: "only a simulation can be treated so" });
    }
    if (this.#operator === null) return done({ ok: false, text: this.#connection.reason });
    void operate(this.#operator, command, this.#picture.names).then(done);
  }

  close(): void {
    this.#closing.abort();
    this.#stopFollowing();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#listeners.clear();
    this.#links.close();
    this.#operator?.close();
  }

  get #now(): number {
    return Math.round((performance.now() - this.#startedAt) * 1_000);
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Follows one manager after the other. */
  async #follow(): Promise<void> {
    let retry = retryFirst;
    while (!this.#isClosed) {
      for (const address of this.#links.addresses) {
        const before = this.#now;
        const reason = await this.#followAt(address);
        if (this.#isClosed) return;
        this.#lose(address, reason);
        if (this.#now - before < askEvery * 1_000) continue;
        retry = retryFirst;
        break;
      }
      await this.#pause(retry);
      retry = Math.min(2 * retry, retryLongest);
    }
  }

  /** Why this manager is not followed any more. */
  async #followAt(address: string): Promise<string> {
    try {
      return await this.#followWith(this.#cluster.connect(address, askEvery), address);
    } catch (error) {
      return failureText(error as Error);
    } finally {
      this.#isFollowed = false;
    }
  }

  async #followWith(client: ControlClient, address: string): Promise<string> {
    const heard: Followed = {
      listed: (objects) => {
        this.#picture.list(objects, this.#now);
        this.#learnAddresses();
        this.#changed();
      },
      changed: (change) => {
        this.#picture.change(change, this.#now);
        this.#changed();
      },
    };
    const followed = followManager(client, heard);
    this.#stopFollowing = followed.stop;
    const over = new AbortController();
    try {
      await followed.listed;
      await this.#ask();
      return await Promise.race([followed.gone, this.#watchOver(address, over.signal)]);
    } finally {
      over.abort();
      followed.stop();
      client.close();
    }
  }

  /** Whether the manager still answers, and knows a leader; why not, as soon as it does not. */
  async #watchOver(address: string, over: AbortSignal): Promise<string> {
    let leaderSeenAt = performance.now() - leaderlessMost + askEvery;
    while (!over.aborted) {
      const report = this.#links.reportOf(address);
      if (report === null) return "it does not answer any more";
      if (report.status.leader !== null) {
        leaderSeenAt = performance.now();
        this.#connected(address, report);
      }
      if (performance.now() - leaderSeenAt >= leaderlessMost) {
        return leaderless;
      }
      await this.#pause(askEvery);
      if (!over.aborted) await this.#ask();
    }
    return "closed";
  }

  async #ask(): Promise<void> {
    await this.#links.ask((node) => !this.#picture.isKnown || this.#picture.has(node));
    if (!this.#isClosed) this.#changed();
  }

  #connected(address: string, { id, status }: RaftReport): void {
    const to = this.#picture.names.nameOf(id);
    const at = this.#now;
    this.#isFollowed = true;
    this.#reasons.clear();
    this.#isConnecting = false;
    if (this.#connection.state === "lost") {
      this.#picture.tell({ at, kind: "heal", text: `connected to ${to}` });
      this.#changed();
    }
    this.#connection = { state: "connected", to, reason: "" };
    this.#operator ??= this.#cluster.connect(address, this.#cluster.patienceMs);
    if (status.term <= this.#term) return;
    this.#term = status.term;
    const leader = this.#picture.names.memberName(status.leader ?? "");
    this.#picture.tell({ at, kind: "election", text: `${leader} leads term ${status.term}` });
  }

  #lose(address: string, reason: string): void {
    const { state, to } = this.#connection;
    if (state === "connected") {
      const text = `the connection to ${to} is lost: ${reason}`;
      this.#picture.tell({ at: this.#now, kind: "fault", text });
    }
    this.#isConnecting = false;
    this.#picture.lose();
    this.#operator?.close();
    this.#operator = null;
    this.#reasons.set(address, reason);
    const isHeard = [...this.#reasons.values()].includes(leaderless);
    const lastTo = state === "connected" ? to : this.#connection.to;
    this.#connection = { state: "lost", to: lastTo, reason: isHeard ? leaderless : reason };
    this.#changed();
  }

  /** Managers that the cluster names itself. One that can't be used is left out. */
  #learnAddresses(): void {
    const said = this.#picture.managerHosts.map((host) => this.#cluster.addressAt(host));
    for (const address of [...this.#cluster.others, ...said]) {
      try {
        if (address !== null) this.#links.add(address);
      } catch {
        // Its certificates are gone, or not for us to read: it is none that we could ask.
      }
    }
  }

  #moment(): SourceMoment {
    return {
      frame: this.#picture.frame(this.#now, this.#links.reports, this.#isFollowed),
      events: this.#picture.lines,
      availability: this.#picture.availability,
      violations: [],
      connection: this.#connection,
      playback: null,
    };
  }

  #changed(): void {
    if (this.#timer !== null || this.#isClosed || this.#isConnecting) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      const moment = this.#moment();
      for (const heard of this.#listeners) heard(moment);
    }, momentEvery);
  }

  async #pause(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#closing.signal }).catch(() => undefined);
  }
}
