import { byId, element } from "./elements.ts";
import { fillServices, ReportView } from "./report-view.ts";
import { unpack } from "./unpack.ts";
import { keyHelp, pressed } from "./view-keys.ts";

/** Opens the report: unpacks the data, draws, and listens. */
async function open(): Promise<void> {
  const data = await unpack(byId("data").textContent?.trim() ?? "");
  fillServices(data);
  const view = new ReportView(data);
  view.draw();
  listen(view);
  document.documentElement.dataset.ready = "true";
}

function listen(view: ReportView): void {
  const redraw = () => view.draw();
  for (const id of ["channels", "workers", "task-service"]) {
    byId(id).addEventListener("change", redraw);
  }
  window.addEventListener("resize", redraw);
  window.addEventListener("beforeprint", redraw);
  window.addEventListener("afterprint", redraw);
  window.addEventListener("hashchange", () => view.followAddress());
  listenToButtons(view);
  listenToPointer(view);
  listenToKeys(view);
}

function listenToButtons(view: ReportView): void {
  const actions: Readonly<Record<string, () => void>> = {
    "zoom-in": () => view.zoom(2),
    "zoom-out": () => view.zoom(1 / 2),
    "zoom-whole": () => view.whole(),
    previous: () => view.jump(-1),
    next: () => view.jump(1),
    "to-violation": () => view.violation(),
    "show-help": showHelp,
  };
  for (const [id, act] of Object.entries(actions)) {
    document.getElementById(id)?.addEventListener("click", act);
  }
}

/** A click looks at a moment, a drag moves the window, a wheel with Ctrl zooms. */
function listenToPointer(view: ReportView): void {
  const charts = byId("charts");
  const leftOf = (event: MouseEvent) => event.clientX - charts.getBoundingClientRect().left;
  let drag: { x: number; moved: boolean } | null = null;
  charts.addEventListener("pointerdown", (event) => {
    if (event.button === 0) drag = { x: event.clientX, moved: false };
  });
  charts.addEventListener("pointermove", (event) => {
    if (drag === null || event.buttons === 0) return;
    const moved = event.clientX - drag.x;
    if (!drag.moved && Math.abs(moved) < 4) return;
    view.panBy(-moved);
    drag = { x: event.clientX, moved: true };
  });
  charts.addEventListener("click", (event) => {
    if (drag?.moved !== true) view.clicked(leftOf(event));
    drag = null;
  });
  charts.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      view.zoomAt(leftOf(event), event.deltaY < 0 ? 1.25 : 0.8);
    },
    { passive: false },
  );
  const overview = byId("overview");
  const follow = (event: PointerEvent) => {
    if (event.buttons === 1) view.overviewAt(leftOf(event));
  };
  // It shows the whole run, whatever the charts below it show: what happens to it is not theirs.
  const alone = (act: (event: PointerEvent) => void) => (event: PointerEvent) => {
    event.stopPropagation();
    act(event);
  };
  overview.addEventListener("pointerdown", alone(follow));
  overview.addEventListener("pointermove", alone(follow));
  overview.addEventListener(
    "click",
    alone((event) => view.overviewClicked(leftOf(event))),
  );
}

function listenToKeys(view: ReportView): void {
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target instanceof HTMLSelectElement;
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    if (pressed(event, view, showHelp)) event.preventDefault();
  });
}

function showHelp(): void {
  const dialog = byId("help") as HTMLDialogElement;
  const list = byId("help-keys");
  if (list.childElementCount === 0) {
    for (const [keys, what] of keyHelp) {
      list.append(element("dt", {}, element("kbd", {}, keys)), element("dd", {}, what));
    }
  }
  if (dialog.open) dialog.close();
  else dialog.showModal();
}

open().catch((error: unknown) => {
  byId("lanes-note").textContent = `The report could not be drawn: ${String(error)}`;
  throw error;
});
