import { ask } from '../support/graphql-client.js';

/** Where and how to send bytes, and for which file. */
export interface PreparedUpload {
  readonly fileId: string;
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface HttpHeader {
  readonly name: string;
  readonly value: string;
}

/** Asks for a signed URL. */
export async function prepareUpload(
  origin: string,
  token: string,
  { name, contentType, size }: { readonly name: string; readonly contentType: string; readonly size: number },
): Promise<PreparedUpload> {
  const query = `mutation ($input: CreateUploadInput!) {
    createUpload(input: $input) { file { id } upload { url method headers { name value } } }
  }`;
  const { createUpload } = await ask(origin, { query, variables: { input: { name, contentType, size } }, token });
  const { url, method, headers } = createUpload.upload;
  return {
    fileId: createUpload.file.id,
    url,
    method,
    headers: Object.fromEntries(headers.map((header: HttpHeader) => [header.name, header.value])),
  };
}

/** Sends the bytes; answers the status. */
export async function sendBytes({ url, method, headers }: PreparedUpload, bytes: Uint8Array): Promise<number> {
  const signal = AbortSignal.timeout(30_000);
  const response = await fetch(url, { method, headers, body: new Blob([Buffer.from(bytes)]), signal });
  await response.arrayBuffer();
  return response.status;
}

/** Says that the bytes are there, and answers the file. */
export async function completeUpload(origin: string, token: string, fileId: string) {
  const query = 'mutation ($id: ID!) { completeUpload(fileId: $id) { id status size sha256 downloadUrl } }';
  return (await ask(origin, { query, variables: { id: fileId }, token })).completeUpload;
}

/** The whole way of a file; answers it as it is when ready. */
export async function upload(origin: string, token: string, name: string, contentType: string, bytes: Uint8Array) {
  const prepared = await prepareUpload(origin, token, { name, contentType, size: bytes.length });
  const status = await sendBytes(prepared, bytes);
  if (status !== 200) throw new Error(`Uploading ${name} was answered with status ${status}`);
  return completeUpload(origin, token, prepared.fileId);
}

export async function download(url: string): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
  if (response.status !== 200) throw new Error(`Downloading was answered with status ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}
