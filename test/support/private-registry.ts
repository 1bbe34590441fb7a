import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const manifestType = "application/vnd.docker.distribution.manifest.v2+json";

/** A registry (its HTTP API, v2) with one image, for whoever knows user and password. */
export interface PrivateRegistry {
  /** `127.0.0.1:port/team/app:1`. */
  readonly image: string;
  close(): void;
}

/** Its layer comes in two halves, so many milliseconds apart. */
export async function privateRegistry(
  user: string,
  password: string,
  halvesApartMs: number,
): Promise<PrivateRegistry> {
  const { manifest, blobs, layer } = imageOf(user);
  const wanted = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  const server = createServer(({ url = "", method, headers }, response) => {
    response.setHeader("docker-distribution-api-version", "registry/2.0");
    if (headers.authorization !== wanted) {
      response.setHeader("www-authenticate", 'Basic realm="private"');
      return response.writeHead(401).end();
    }
    if (url === "/v2/") return response.writeHead(200).end("{}");
    if (url.includes("/manifests/")) return give(response, manifest, manifestType, method);
    const digest = url.split("/").at(-1) ?? "";
    const blob = blobs.get(digest);
    if (blob === undefined) return response.writeHead(404).end();
    if (digest !== layer) return give(response, blob, "application/octet-stream", method);
    const half = blob.length >> 1;
    response.writeHead(200, { "content-length": blob.length });
    response.write(blob.subarray(0, half));
    setTimeout(() => response.end(blob.subarray(half)), halvesApartMs);
    return response;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { image: `127.0.0.1:${port}/team/app:1`, close: () => server.close() };
}

function give(response: ServerResponse, bytes: Buffer, type: string, method = "GET") {
  const headers = { "content-type": type, "content-length": bytes.length };
  response.writeHead(200, { ...headers, "docker-content-digest": digestOf(bytes) });
  return response.end(method === "HEAD" ? undefined : bytes);
}

/** One layer with one file; what is in it makes it another image for each `text`. */
function imageOf(text: string) {
  const folder = mkdtempSync(join(tmpdir(), "registry-"));
  writeFileSync(join(folder, "file"), text.repeat(1_000));
  const tar = spawnSync("tar", ["-C", folder, "-c", "file"]).stdout;
  rmSync(folder, { recursive: true });
  const packed = gzipSync(tar);
  const config = Buffer.from(
    JSON.stringify({
      ...{ architecture: "amd64", os: "linux", config: { Cmd: ["/file"] } },
      rootfs: { type: "layers", diff_ids: [digestOf(tar)] },
    }),
  );
  const placed = (bytes: Buffer, kind: string) => ({
    mediaType: `application/vnd.docker.${kind}`,
    ...{ size: bytes.length, digest: digestOf(bytes) },
  });
  const manifest = {
    ...{ schemaVersion: 2, mediaType: manifestType },
    config: placed(config, "container.image.v1+json"),
    layers: [placed(packed, "image.rootfs.diff.tar.gzip")],
  };
  const blobs = new Map([config, packed].map((bytes) => [digestOf(bytes), bytes]));
  return { manifest: Buffer.from(JSON.stringify(manifest)), blobs, layer: digestOf(packed) };
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
