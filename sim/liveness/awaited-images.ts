import { isUpdating } from "../../core/model/update-config.ts";
import type { StoreView } from "../../core/store/view.ts";

/**
 * Those of the bad images that services are left with while no update is under way. An update that
 * was paused for another reason before it saw that its image is bad is the user's to decide about,
 * and so is one that is completed, or has found nothing to do: what restarts bring into its slots
 * before it comes to them is not its own, and counts for no failure. Until then such tasks fail
 * again and again.
 */
export function awaitedImages(view: StoreView, bad: ReadonlyMap<string, unknown>): Set<string> {
  const standing = [...view.services.values()].filter(
    ({ updateStatus }) => !isUpdating(updateStatus),
  );
  const images = standing.map(({ spec }) => spec.task.container.image);
  return new Set(images.filter((image) => bad.has(image)));
}
