import type { SlackFile } from "../protocol";

/** Put a file into the workspace. Throws an error whose message says why it was refused. */
export async function upload(as: string, file: File): Promise<SlackFile> {
  const query = new URLSearchParams({ as, name: file.name });
  const response = await fetch(`/page/files?${query}`, { method: "POST", body: file });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as SlackFile;
}

export function fileUrl(id: string): string {
  return `/page/files/${encodeURIComponent(id)}`;
}

export function sizeOf(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 ** 2 ? `${Math.round(bytes / 1024)} kB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}
