import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dockerEngine, testImage } from "../../support/docker.ts";
import { patienceMs } from "../../support/patience.ts";
import { RealCluster } from "../../support/real-cluster.ts";

// Goal: the compose files under examples/ are deployed, updated and removed by `docker stack`.
// Method: one swarmd on a real engine. The files are taken as they are, but that the only image
// which every engine of the tests has stands for all, with commands that it knows.

const examples = fileURLToPath(new URL("../../../examples/compose/", import.meta.url));
const cluster = new RealCluster();
const socket = join(cluster.folder, "docker.sock");

/**
 * What is written over the examples, as a second file of the same stack: also that containers end
 * at once when they are told to, and are healthy as soon as they are.
 */
const overrides: Readonly<Record<string, string>> = {
  web: `version: "3.8"
services:
  web:
    command: ["sh", "-c", "echo ok > /tmp/index.html; httpd -f -p 80 -h /tmp"]
    healthcheck: { interval: 300ms }
    stop_signal: SIGKILL
    deploy: { update_config: { monitor: 500ms } }
  db:
    command: ["sh", "-c", "cat $$POSTGRES_PASSWORD_FILE; sleep 1000"]
    stop_signal: SIGKILL
  cache: { command: ["sleep", "1000"], stop_signal: SIGKILL }
`,
  agent: `version: "3.8"
services:
  node-exporter:
    command: ["sh", "-c", "hostname; test -e /host/proc/stat && echo sees; sleep 1000"]
    stop_signal: SIGKILL
`,
  job: 'version: "3.8"\nservices: { report: {} }\n',
};

beforeAll(async () => {
  const engine = ["--executor", "auto", "--engine-addr", await dockerEngine()];
  (await cluster.node("m1", ...engine, "--docker-socket", socket)).start();
  await cluster.ready(1);
  for (const name of readdirSync(examples)) {
    const text = readFileSync(join(examples, name), "utf8");
    writeFileSync(join(cluster.folder, name), text.replaceAll(/image: .*/g, `image: ${testImage}`));
  }
  for (const [name, text] of Object.entries(overrides)) {
    writeFileSync(join(cluster.folder, `${name}-test.yml`), text);
  }
});
afterAll(() => cluster.stop());

function docker(...args: readonly string[]): string {
  const env = { HOME: cluster.folder, PATH: process.env.PATH, DOCKER_HOST: `unix://${socket}` };
  const options = { cwd: cluster.folder, env, encoding: "utf8", timeout: patienceMs } as const;
  const { stdout, stderr, status } = spawnSync("docker", args, options);
  if (status !== 0) throw new Error(`docker ${args.join(" ")}: ${stderr}`);
  return stdout.trim();
}

function deploy(name: string, stack: string): string {
  const files = ["-c", `${name}.yml`, "-c", `${name}-test.yml`];
  return docker("stack", "deploy", "--resolve-image", "never", ...files, stack);
}

function replicas(stack: string): string[] {
  const format = "{{.Name}} {{.Replicas}}";
  return docker("stack", "services", "--format", format, stack).split("\n").sort();
}

/** Those that run of a stack: the engine has others too. */
function containers(stack: string): string {
  return docker("ps", "--quiet", "--filter", `label=com.docker.stack.namespace=${stack}`);
}

const soon = { interval: 200 };

test("a web application with its database and a cache", async () => {
  expect(deploy("web", "shop")).toContain("Creating service shop_web");
  const all = ["shop_cache 1/1", "shop_db 1/1", "shop_web 2/2"];
  await expect.poll(() => replicas("shop"), soon).toEqual(all);
  await expect.poll(() => docker("service", "logs", "--raw", "shop_db"), soon).toBe("change-me");
  const [web = ""] = docker("ps", "--quiet", "--filter", "name=shop_web").split("\n");
  expect(docker("exec", web, "wget", "-q", "-O", "-", "http://web/")).toBe("ok");
  expect(docker("exec", web, "cat", "/etc/nginx/conf.d/default.conf")).toContain("listen 80;");
  const inside = (name: string) =>
    docker("network", "inspect", "-f", "{{len .Containers}}", `shop_${name}`);
  expect([inside("front"), inside("back")]).toEqual(["2", "4"]);
  const file = join(cluster.folder, "web.yml");
  writeFileSync(file, readFileSync(file, "utf8").replace("replicas: 2", "replicas: 3"));
  expect(deploy("web", "shop")).toContain("Updating service shop_web");
  await expect.poll(() => replicas("shop"), soon).toContain("shop_web 3/3");
  docker("stack", "rm", "shop");
  expect(docker("service", "ls", "--quiet")).toBe("");
  await expect.poll(() => containers("shop"), soon).toBe("");
  expect(docker("secret", "ls", "--quiet")).toBe("");
  expect(docker("network", "ls")).not.toContain("shop_");
});

test("an agent on every node", async () => {
  expect(deploy("agent", "metrics")).toContain("Creating service metrics_node-exporter");
  await expect.poll(() => replicas("metrics"), soon).toEqual(["metrics_node-exporter 1/1"]);
  const logs = () => docker("service", "logs", "--raw", "metrics_node-exporter").split("\n");
  await expect.poll(logs, soon).toEqual([expect.any(String), "sees"]);
  docker("stack", "rm", "metrics");
  await expect.poll(() => containers("metrics"), soon).toBe("");
});

test("a job that runs to its end", async () => {
  deploy("job", "nightly");
  const done = [expect.stringMatching(/^nightly_report 0\/\d \(3\/3 completed\)$/)];
  await expect.poll(() => replicas("nightly"), soon).toEqual(done);
  docker("stack", "rm", "nightly");
  expect(docker("stack", "ls", "--format", "{{.Name}}")).toBe("");
});
