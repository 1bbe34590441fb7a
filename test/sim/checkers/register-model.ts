import type { SequentialModel } from "../../../sim/checkers/linearizability.ts";

/** Null is a register that was never written, or was emptied. */
export type RegisterValue = number | null;

export type RegisterInput =
  | { readonly kind: "read"; readonly key: string }
  | { readonly kind: "write"; readonly key: string; readonly value: RegisterValue }
  /** Writes `to` where the register holds `from`. */
  | {
      readonly kind: "cas";
      readonly key: string;
      readonly from: RegisterValue;
      readonly to: RegisterValue;
    };

export type RegisterOutput =
  | { readonly kind: "ok" }
  | { readonly kind: "read"; readonly value: RegisterValue }
  /** The register did not hold `from`. */
  | { readonly kind: "failed" };

/** Registers with compare-and-set, one a key: what Jepsen and Knossos check most stores as. */
export const registerModel: SequentialModel<RegisterValue, RegisterInput, RegisterOutput> = {
  key: (input) => input.key,
  initial: null,
  step(state, input, output) {
    switch (input.kind) {
      case "read":
        return output?.kind === "read" && output.value !== state ? undefined : state;
      case "write":
        return input.value;
      case "cas": {
        const holds = state === input.from;
        if (output !== null && holds !== (output.kind === "ok")) return undefined;
        return holds ? input.to : state;
      }
    }
  },
  nameState: (state) => String(state),
  describe(input, output) {
    const done = output === null ? "unknown" : output.kind;
    if (input.kind === "read") {
      return output?.kind === "read" ? `read -> ${output.value}` : "read -> unknown";
    }
    if (input.kind === "write") return `write ${input.value} -> ${done}`;
    return `cas ${input.from} to ${input.to} -> ${done}`;
  },
};
