import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RealCluster, until } from "../../support/real-cluster.ts";
import { swarmctlHere } from "../../support/swarmctl-here.ts";

// Goal: what a template makes of a cluster is the same with swarmctl as with `docker`.
// Method: one swarmd, asked with the same words by both.

const cluster = new RealCluster();
const socket = join(cluster.folder, "docker.sock");

beforeAll(async () => {
  (await cluster.node("m1", "--docker-socket", socket)).start();
  await cluster.ready(1);
  const web = ["service", "create", "--name", "web", "--replicas", "2", "--label", "tier=front"];
  const task = ["--image", "sleep:1", "--args", "1000", "--env", "A=1", "--publish", "18080:80"];
  await swarmctl(...web, ...task, "--constraint", "node.role==manager", "--wait");
  await swarmctl("service", "create", "--name", "all", "--mode", "global", "--image", "sleep");
  await swarmctl("network", "create", "--label", "a=b", "inner");
  await swarmctl("config", "create", "--label", "c=d", "settings", __filename);
  await until("its failure", async () =>
    (await swarmctl("service", "ps", "all")).includes("Failed") ? true : null,
  );
  await swarmctl("service", "remove", "all");
});
afterAll(() => cluster.stop());

function swarmctl(...words: string[]): Promise<string> {
  return swarmctlHere({ SWARM_SOCKET: `unix://${cluster.first.socket}` }, words);
}

async function docker(...words: string[]): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: cluster.folder, DOCKER_HOST: `unix://${socket}` };
  return (await promisify(execFile)("docker", words, { env })).stdout;
}

const ofTask = "{{.Name}}|{{.Image}}|{{.Node}}|{{.DesiredState}}|{{len .Error}}|{{.Ports}}";

test.each([
  ["service ls", "{{.Name}} {{.Mode}} {{.Replicas}} {{.Image}} {{.Ports}}"],
  ["service ls", "{{range $at, $part := split .Replicas `/`}}{{$at}}={{$part}} {{end}}"],
  ["service ps web", ofTask],
  ["node ps self", ofTask],
  ["node ls", "{{.ID}} {{.Self}} {{.Status}} {{.Availability}} {{.ManagerStatus}} {{.TLSStatus}}"],
  ["node ls", "{{if .Self}}{{.Hostname | upper}}{{end}} {{.EngineVersion}}"],
  ["config ls", '{{.ID}} {{.Name}} {{.Labels}} {{.Label "c"}} {{.Label "x"}}'],
  ["service inspect web", "{{range .Endpoint.Ports}}{{.PublishedPort}}:{{.TargetPort}}{{end}}"],
  ["service inspect web", "{{json .Spec}}"],
  ["service inspect web", "{{.Spec.Labels.tier}} {{index .Spec.TaskTemplate.ContainerSpec.Env 0}}"],
  ["service inspect web", "{{.Spec.Mode.Replicated.Replicas}} {{if .UpdateStatus}}u{{end}}"],
  ["service inspect web", "{{join .Spec.TaskTemplate.Placement.Constraints `,`}}"],
  ["service inspect web", "{{.ID}} {{.Version.Index}} {{.Spec.TaskTemplate.Networks}}"],
  ["node inspect self", "{{ .Status.Addr }} {{.Status.State}} {{.ManagerStatus.Leader}}"],
  ["node inspect self", "{{.Description.Hostname}} {{json .Description.TLSInfo}}"],
  ["node inspect m1", "{{.Spec.Role}} {{.Spec.Availability}} {{json .Spec.Labels}}"],
  ["config inspect settings", "{{json .Spec.Labels}} {{.ID}}"],
  ["network inspect inner", "{{.Id}} {{.Driver}} {{.Scope}} {{json .Labels}}"],
])("%s --format '%s'", async (command, format) => {
  const words = [...command.split(" "), "--format", format];
  const printed = await swarmctl(...words);
  expect(printed).toBe(await docker(...words));
  expect(printed.trim()).not.toBe("");
});

test("networks of the cluster are listed by the names of docker's fields", async () => {
  const words = ["network", "ls", "--format", "{{.Name}} {{.Driver}} {{.Scope}} {{.Internal}}"];
  expect((await docker(...words)).split("\n")).toContain((await swarmctl(...words)).trim());
});

test("a table has docker's headings", async () => {
  const words = ["--format", "table {{.Name}}\\t{{.DesiredState}}\\t{{.CurrentState}}"];
  const [heading, first] = (await swarmctl("service", "ps", "web", ...words)).split("\n");
  expect(heading).toBe("NAME   DESIRED STATE  CURRENT STATE");
  expect(first).toMatch(/^web\.1 {2}Running {8}Running \d+ seconds ago$/);
});

test("what docker has no command for is as json shows it", async () => {
  const id = JSON.parse(await swarmctl("--format", "json", "cluster", "inspect")).ca.organization;
  expect(await swarmctl("cluster", "inspect", "--format", "{{.ca.organization}}")).toBe(`${id}\n`);
  expect(await swarmctl("cluster", "ls", "--format", "{{.ID}} {{.Root}}")).toBe(`${id} steady\n`);
});

test.each([
  ["{{.Name", "unclosed action"],
  ["{{.Nmae}}", "can't evaluate field Nmae: there is ID, Image, Mode, Name, Ports, Replicas"],
  ["jsn", "There are: table, json, yaml, and Go templates such as '{{.Name}}'."],
])("%s is refused, and docker refuses templates as well", async (format, why) => {
  await expect(swarmctl("service", "ls", "--format", format)).rejects.toThrow(why);
  if (format.includes("{{")) {
    const refused = expect(docker("service", "ls", "--format", format)).rejects;
    await refused.toThrow(/template parsing error: template: :1/);
  }
});
