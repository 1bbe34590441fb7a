import { BaseSequencer, type TestSpecification } from "vitest/node";

/** By themselves these take a tenth of their project's time or more, some of them in few lines. */
const longest = [
  ...["real/machines", "real/docker-api/cli", "real/backup", "real/state-dir"],
  ...["real/standby-crashes", "sim/cli/explain", "sim/cli/bugs", "determinism"],
  ...["regressions", "sim/planted", "sim/metamorphic/metamorphic", "sim/shrink/shrink"],
  ...["sim/users/jepsen", "sim/explain/evidence", "core/raft/random-schedules"],
].map((name) => `/test/${name}.test.ts`);

const isLong = ({ moduleId }: TestSpecification) => longest.some((name) => moduleId.endsWith(name));

/**
 * What takes long is begun first, so that at the end of a project no worker is busy with it while
 * the others have nothing to do. Without measured times vitest goes by the size of files.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const projects = [...new Set(sorted.map(({ project }) => project.name))];
    return projects.flatMap((name) => {
      const own = sorted.filter(({ project }) => project.name === name);
      return [...own.filter(isLong), ...own.filter((each) => !isLong(each))];
    });
  }
}
