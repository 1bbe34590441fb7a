import type { Meta } from "../../core/model/meta.ts";
import type { Rejection, RejectionCode } from "../../core/model/rejection.ts";
import { oneOf, text } from "./codec.ts";
import { record, table } from "./messages.ts";
import { timestamp, whole } from "./numbers.ts";

export const meta = record<Meta>("Meta", {
  version: whole,
  createdAt: timestamp,
  updatedAt: timestamp,
});

export const labels = table("Label", text);

export const rejection = record<Rejection>("Rejection", {
  code: oneOf<RejectionCode>("RejectionCode", {
    InvalidArgument: 1,
    NotFound: 2,
    AlreadyExists: 3,
    FailedPrecondition: 4,
    Unimplemented: 5,
    Unavailable: 6,
  }),
  message: text,
});
