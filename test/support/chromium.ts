import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const flags = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

/** A browser with a profile of its own, which `close` throws away. */
export interface Browser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

/** Starts the system's Chromium; says what to do where there is none. */
export async function startChromium(): Promise<Browser> {
  const executablePath = [process.env.CHROMIUM ?? "", ...places].find((path) => existsSync(path));
  if (executablePath === undefined) {
    throw new Error(
      "these tests need Chromium, which is not installed: `.ci/tools` brings it, " +
        "or set CHROMIUM to where it is",
    );
  }
  const profile = mkdtempSync(join(tmpdir(), "simswarm-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: flags,
    viewport: { width: 1400, height: 900 },
  });
  const close = async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  };
  return { context, close };
}
