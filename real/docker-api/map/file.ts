import type { z } from "zod";
import type { Config, FileSpec, Secret } from "../../../core/model/secret.ts";
import { dockerMeta } from "./meta.ts";
import { dockerObject, labels, lean, mapOf, parsed, text, wordOf } from "./schema.ts";

const file = dockerObject({
  Name: text,
  Labels: labels,
  Data: text,
  Templating: dockerObject({ Name: text }).optional(),
});

/** Of a secret or a config. Data that is left out is as it was; there is none in a new one. */
export function fileSpecOf(body: unknown): FileSpec {
  const { Name = "", Labels, Data = "", Templating }: z.infer<typeof file> = parsed(file, body);
  const spec = { name: Name, labels: mapOf(Labels), data: Data };
  const { Name: driver = "" } = Templating ?? {};
  if (driver === "") return spec;
  const refused = `Templating.Name "${driver}" is not supported by this cluster: there is golang`;
  return { ...spec, templating: wordOf(driver, ["golang"], "golang", refused) };
}

/** A secret or a config as Docker shows it: a secret's data is not there to be shown. */
export function shownFile(object: Secret | Config): object {
  const { id, spec } = object;
  return {
    ID: id,
    ...dockerMeta(object),
    Spec: {
      Name: spec.name,
      Labels: Object.fromEntries(spec.labels),
      ...lean({ Data: spec.data }),
      ...(spec.templating === undefined ? {} : { Templating: { Name: spec.templating } }),
    },
  };
}
