import type { Standing } from "../../core/model/standing.ts";
import { nullable, text, texts } from "./codec.ts";
import { record } from "./messages.ts";
import { whole } from "./numbers.ts";

export const standing = record<Standing>("Standing", {
  incarnation: whole,
  version: whole,
  memberId: nullable(text),
  managers: texts,
  founders: texts,
});
