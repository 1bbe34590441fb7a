import type { Meta } from "../../../core/model/meta.ts";
import { momentText } from "./schema.ts";

/** What every object of the cluster has. */
export function dockerMeta({ meta }: { readonly meta: Meta }): object {
  return {
    Version: { Index: meta.version },
    CreatedAt: momentText(meta.createdAt),
    UpdatedAt: momentText(meta.updatedAt),
  };
}
