import { isPaused } from "../core/model/update-config.ts";
import type { StoreView } from "../core/store/view.ts";

/**
 * Those of the bad images that paused updates have left in services. An update that was paused for
 * another reason before it saw that its image is bad is the user's to decide about, and until then
 * its tasks fail again and again.
 */
export function awaitedImages(view: StoreView, bad: ReadonlyMap<string, unknown>): Set<string> {
  const paused = [...view.services.values()].filter(({ updateStatus }) => isPaused(updateStatus));
  const images = paused.map(({ spec }) => spec.task.container.image);
  return new Set(images.filter((image) => bad.has(image)));
}
