import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import picocolors from "picocolors";
import { expect, test } from "vitest";
import { outcomeOf } from "../sim/cli/outcome.ts";
import { reportText } from "../sim/cli/report.ts";
import { scenarioNamed } from "./sim/scenario-named.ts";

const golden = fileURLToPath(new URL("golden/digests.txt", import.meta.url));

test("the README shows the run that its first command gives", async () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const row = readFileSync(golden, "utf8")
    .split("\n")
    .find((line) => line.startsWith("partition 1 "));
  expect(readme).toContain(`PASS  partition, seed 1, digest ${row?.split(" ")[2]}`);
  const { result } = outcomeOf(await scenarioNamed("partition"), "1", {});
  const rates = /[\d,.]+ (?=a second|s,|times as fast)/g;
  const figures = /^events[\s\S]*(?=\n\ninvariant)/m.exec(
    reportText(result, "", picocolors.createColors(false)),
  );
  expect(readme.replace(rates, "")).toContain(figures?.[0].replace(rates, ""));
});
