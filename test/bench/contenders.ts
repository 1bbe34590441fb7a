import type Docker from "dockerode";
import type { Service, ServiceSpec } from "../../core/model/service.ts";
import { TaskState } from "../../core/model/task-state.ts";
import type { ControlClient } from "../../real/api/control-client.ts";
import { containerSleeper, sleepCommand, withVersion } from "../support/container-sleeper.ts";
import { testImage } from "../support/docker.ts";

/** What both orchestrators are asked for, each through its own API. */
export interface Contender {
  readonly name: string;
  /** Of sleepers that end at once when they are told to, and are replaced at once. */
  create(service: string, replicas: number): Promise<void>;
  scale(service: string, replicas: number): Promise<void>;
  /** Rolls a new environment out, two at a time. */
  update(service: string, version: string): Promise<void>;
  remove(service: string): Promise<void>;
  /** The tasks that run as wanted, of this version only. */
  running(service: string, version: string): Promise<readonly RunningTask[]>;
  /** Asks for all services; how many there are. */
  list(): Promise<number>;
}

export interface RunningTask {
  readonly id: string;
  /** The node's id. */
  readonly node: string;
}

/** The swarm that the engine itself is a manager of. */
export class DockerSwarm implements Contender {
  readonly name = "Docker Swarm";
  readonly #docker: Docker;

  constructor(docker: Docker) {
    this.#docker = docker;
  }

  async create(service: string, replicas: number): Promise<void> {
    await this.#docker.createService(this.#spec(service, replicas, "1"));
  }

  async scale(service: string, replicas: number): Promise<void> {
    await this.#change(service, (spec) => ({
      ...spec,
      Mode: { Replicated: { Replicas: replicas } },
    }));
  }

  async update(service: string, version: string): Promise<void> {
    await this.#change(service, ({ Mode }) => ({
      ...this.#spec(service, 0, version),
      ...(Mode === undefined ? {} : { Mode }),
    }));
  }

  async remove(service: string): Promise<void> {
    await this.#docker.getService(service).remove();
  }

  async running(service: string, version: string): Promise<readonly RunningTask[]> {
    const filters = JSON.stringify({ service: { [service]: true } });
    const tasks = (await this.#docker.listTasks({ filters })) as readonly SwarmTask[];
    return tasks
      .filter(({ Status, DesiredState, Spec }) => {
        const isRunning = Status.State === "running" && DesiredState === "running";
        return isRunning && Spec.ContainerSpec.Env.includes(`VERSION=${version}`);
      })
      .map(({ ID, NodeID }) => ({ id: ID, node: NodeID }));
  }

  async list(): Promise<number> {
    return (await this.#docker.listServices()).length;
  }

  #spec(service: string, replicas: number, version: string): Docker.ServiceSpec {
    return {
      Name: service,
      TaskTemplate: {
        ContainerSpec: {
          Image: testImage,
          Command: sleepCommand,
          Env: [`VERSION=${version}`],
          StopSignal: "SIGKILL",
        },
        RestartPolicy: { Condition: "any", Delay: 0 },
        Networks: [{ Target: "host" }],
      },
      Mode: { Replicated: { Replicas: replicas } },
      UpdateConfig: { Parallelism: 2, Delay: 0, Monitor: 200_000_000 },
    } as Docker.ServiceSpec;
  }

  async #change(
    service: string,
    to: (spec: Docker.ServiceSpec) => Docker.ServiceSpec,
  ): Promise<void> {
    const found = (await this.#docker.getService(service).inspect()) as SwarmService;
    await this.#docker.getService(service).update({
      ...to(found.Spec),
      version: found.Version.Index,
    });
  }
}

interface SwarmTask {
  readonly ID: string;
  readonly NodeID: string;
  readonly DesiredState: string;
  readonly Status: { readonly State: string };
  readonly Spec: { readonly ContainerSpec: { readonly Env: readonly string[] } };
}

interface SwarmService {
  readonly Version: { readonly Index: number };
  readonly Spec: Docker.ServiceSpec;
}

/** Ours, with the same engine as executor. */
export class Simswarm implements Contender {
  readonly name = "simswarm";
  readonly #client: ControlClient;
  /** Of the services that were asked for, by name. */
  readonly #ids = new Map<string, string>();

  constructor(client: ControlClient) {
    this.#client = client;
  }

  async create(service: string, replicas: number): Promise<void> {
    await this.#client.command({
      kind: "create-service",
      spec: containerSleeper(service, replicas),
    });
  }

  async scale(service: string, replicas: number): Promise<void> {
    await this.#change(service, (spec) => ({ ...spec, mode: { kind: "replicated", replicas } }));
  }

  async update(service: string, version: string): Promise<void> {
    await this.#change(service, (spec) => withVersion(spec, version));
  }

  async remove(service: string): Promise<void> {
    await this.#client.command({ kind: "remove-service", id: await this.#id(service) });
  }

  async running(service: string, version: string): Promise<readonly RunningTask[]> {
    const query = { kind: "list-tasks", service: await this.#id(service) } as const;
    const tasks = await this.#client.query(query);
    return tasks
      .filter(({ status, desiredState, spec }) => {
        const { RUNNING } = TaskState;
        const isRunning = status.state === RUNNING && desiredState === RUNNING;
        return isRunning && spec.container.env.includes(`VERSION=${version}`);
      })
      .map(({ id, nodeId }) => ({ id, node: nodeId ?? "" }));
  }

  async list(): Promise<number> {
    return (await this.#client.query({ kind: "list-services" })).length;
  }

  close(): void {
    this.#client.close();
  }

  /** Looked up once: Swarm's tasks are listed by name, with one question. */
  async #id(name: string): Promise<string> {
    const id = this.#ids.get(name) ?? (await this.#service(name)).id;
    this.#ids.set(name, id);
    return id;
  }

  async #service(name: string): Promise<Service> {
    const found = await this.#client.query({ kind: "get-service", name });
    return found[0] as Service;
  }

  async #change(service: string, to: (spec: ServiceSpec) => ServiceSpec): Promise<void> {
    const { id, meta, spec } = await this.#service(service);
    await this.#client.command({
      kind: "update-service",
      id,
      version: meta.version,
      spec: to(spec),
    });
  }
}
