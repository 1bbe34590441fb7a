import { expect, test } from "vitest";
import { defaultClusterSpec } from "../../../core/model/cluster.ts";
import { Compaction } from "../../../core/node/compaction.ts";
import type { NodeConfig } from "../../../core/node/config.ts";
import type { Store } from "../../../core/store/store.ts";

test("a snapshot is due once in each interval, and keeps a part of the log for the slow", () => {
  const cluster = { ...defaultClusterSpec, snapshotInterval: 100, logEntriesForSlowFollowers: 30 };
  const compaction = new Compaction({ cluster } as NodeConfig);
  const due = (index: number) => compaction.due({ cluster: null, index } as Store);
  expect([due(99), due(100), due(101), due(199), due(200)]).toEqual([null, 71, null, null, 171]);
  compaction.taken(300);
  expect([due(399), due(400)]).toEqual([null, 371]);
});
