import type { Meta } from "./meta.ts";

/** Something that only the tasks which name it may know. */
export interface Secret {
  readonly kind: "secret";
  readonly id: string;
  readonly meta: Meta;
  readonly spec: FileSpec;
}

/** A file that tasks can name. */
export interface Config {
  readonly kind: "config";
  readonly id: string;
  readonly meta: Meta;
  readonly spec: FileSpec;
}

/** Only `labels` ever changes. */
export interface FileSpec {
  /** Unique among the cluster's secrets, or among its configs. */
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** In base 64. */
  readonly data: string;
  /** Its placeholders (`template.ts`) are filled in for each task; left out: it is as it is. */
  readonly templating?: "golang";
}
