/** Makes an element. Text is text: nothing of a run is ever taken for markup. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** An element of the page's own frame. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

/** Microseconds as `62.348 s`, with as many digits as are needed at this width of the view. */
export function timeText(us: number, width = 1e6): string {
  const digits = width < 2e4 ? 6 : width < 2e7 ? 3 : 1;
  return `${(us / 1e6).toFixed(digits)} s`;
}
