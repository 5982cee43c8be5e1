import { z } from 'zod';

/** Pub/sub channel on which every gateway hears that a manifest was published or withdrawn. What it says is: ask again. */
export const publishedManifestsChannel = 'analytics.operationManifests';

/** Where analytics lists the manifests in use; a request is signed like any other. One of them is at `<path>/<id>`. */
export const publishedManifestsPath = '/operation-manifests';

/** The list: what each manifest is of. Contents never change under one id, so each is fetched once. */
export const publishedManifestIndexSchema = z.object({
  manifests: z.array(z.object({ id: z.uuid(), clientName: z.string(), clientVersion: z.string() })),
});

export type PublishedManifestIndex = z.infer<typeof publishedManifestIndexSchema>;
