import type { Duration } from "../../core/base/time.ts";
import type { Command, QueryResult } from "../../core/control/command.ts";
import type { ListedNode } from "../../core/model/node.ts";
import { remoteApiOf } from "../../core/model/node.ts";
import type { Task } from "../../core/model/task.ts";
import type { TemplateValue } from "../../core/model/template-value.ts";
import type { ControlClient } from "../api/control-client.ts";
import { LocalClient } from "../api/local-client.ts";
import { untilNewest } from "../api/patience.ts";
import type { Readable } from "../wire/readable.ts";
import { clientOf, type EndpointOptions, endpointOf, targetOf } from "./endpoint.ts";
import { clusterNamed } from "./find.ts";
import { type Format, isTemplate } from "./format.ts";
import { document, jsonLine, table, templated, type View } from "./output.ts";
import { readableObject } from "./readable-object.ts";
import { templateObject, templateValue } from "./templates/template-object.ts";

/** What the program is run in. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly out: (content: string | Uint8Array) => void;
  readonly err: (text: string) => void;
  /** True when what is printed can be overwritten. */
  readonly isTerminal: boolean;
  readonly now: () => number;
}

/** The options that every command has. */
export interface GlobalOptions extends EndpointOptions {
  readonly format: Format;
  readonly timeout: Duration;
  readonly resolve: boolean;
}

/** One run of one command: the cluster that it is about, and how it prints. */
export class Session {
  readonly client: ControlClient;
  readonly surroundings: Surroundings;
  /** False where the ids of nodes are to be shown in place of their names. */
  readonly showsNames: boolean;
  readonly #format: Format;
  readonly #address: string;

  constructor(options: GlobalOptions, surroundings: Surroundings) {
    this.surroundings = surroundings;
    this.#format = options.format;
    this.showsNames = options.resolve;
    const endpoint = endpointOf(options, surroundings.env);
    this.#address = targetOf(endpoint);
    this.client = clientOf(endpoint, options.timeout / 1_000);
  }

  /** True where a template says what is printed. */
  get hasTemplate(): boolean {
    return isTemplate(this.#format);
  }

  /** Does what a node does on its own socket only. */
  async local<T>(action: (node: LocalClient) => Promise<T>): Promise<T> {
    if (!this.#address.startsWith("unix:")) {
      throw new Error(`this is done on the node's own socket only, not at ${this.#address}`);
    }
    const node = new LocalClient(this.#address);
    return action(node).finally(() => node.close());
  }

  /** Has the cluster do something about each name, in order; prints each with which it is done. */
  async commandEach(
    names: readonly string[],
    commandFor: (name: string) => Promise<Command>,
  ): Promise<void> {
    for (const name of names) {
      await this.change(() => commandFor(name));
      this.print(`${name}\n`);
    }
  }

  /**
   * Has the cluster change something as it is read, and resolves to its id: again, a few times,
   * where somebody else, or the cluster itself, was faster.
   */
  change(commandFor: () => Promise<Command>): Promise<string> {
    return untilNewest(async () => this.client.command(await commandFor()));
  }

  /** Where other nodes reach the manager that is asked: host and port. */
  async managerAddress(): Promise<string> {
    if (!this.#address.startsWith("unix:")) return this.#address;
    return (await this.local((node) => node.info())).address;
  }

  /** The id of the manager that is asked; null: it is reached at an address that nobody knows. */
  async askedNode(nodes: readonly ListedNode[]): Promise<string | null> {
    if (this.#address.startsWith("unix:")) return (await this.local((node) => node.info())).nodeId;
    const isThere = ({ description }: ListedNode) => remoteApiOf(description) === this.#address;
    return nodes.find(isThere)?.id ?? null;
  }

  print(text: string): void {
    this.surroundings.out(text);
  }

  /**
   * One of many things that come one after the other: as a line to `stream`, or whole. `fields`:
   * what a template finds in it, if that is something else.
   */
  item(
    line: string,
    content: () => Readable,
    stream: "out" | "err" = "out",
    fields: () => TemplateValue = () => templateValue(content()),
  ): void {
    if (isTemplate(this.#format)) this.print(`${this.#format.template.of(fields())}\n`);
    else if (this.#format === "table") this.surroundings[stream](`${line}\n`);
    else if (this.#format === "json") this.print(jsonLine(content()));
    else this.print(`---\n${document(content(), "yaml")}`);
  }

  /** Objects as a table, or whole; `quiet`: what stands in the first column, alone. */
  list<T extends QueryResult[number]>(
    { columns, fields }: View<T>,
    objects: readonly T[],
    quiet = false,
  ): void {
    const [, id] = columns[0] as View<T>["columns"][number];
    if (quiet) this.print(objects.map((object) => `${id(object)}\n`).join(""));
    else if (isTemplate(this.#format)) this.print(templated(this.#format, fields, objects));
    else if (this.#format === "table") this.print(table(columns, objects));
    else this.print(document(objects.map(readableObject), this.#format));
  }

  /** One object, whole; with its tasks, if they are given. */
  async show(object: QueryResult[number], tasks?: readonly Task[]): Promise<void> {
    if (isTemplate(this.#format)) {
      const { template } = this.#format;
      const root = await templateObject(object, () => clusterNamed(this.client));
      return this.print(`${template.of(root)}\n`);
    }
    const format = this.#format === "table" ? "yaml" : this.#format;
    const shown = readableObject(object) as { readonly [name: string]: Readable };
    const whole = tasks === undefined ? shown : { ...shown, tasks: tasks.map(readableObject) };
    this.print(document(whole, format));
  }
}
