import type * as client from '@aws-sdk/client-s3';
import type * as presigner from '@aws-sdk/s3-request-presigner';

/** What is used of the AWS SDK. */
export type S3Sdk = Pick<
  typeof client,
  | 'AbortMultipartUploadCommand'
  | 'CompleteMultipartUploadCommand'
  | 'CreateBucketCommand'
  | 'CreateMultipartUploadCommand'
  | 'DeleteObjectCommand'
  | 'GetObjectCommand'
  | 'HeadBucketCommand'
  | 'HeadObjectCommand'
  | 'ListMultipartUploadsCommand'
  | 'ListObjectsV2Command'
  | 'ListPartsCommand'
  | 'PutBucketCorsCommand'
  | 'PutObjectCommand'
  | 'S3Client'
  | 'UploadPartCommand'
> &
  Pick<typeof presigner, 'getSignedUrl'>;

/** Loads the SDK only where S3 is used: it takes some 30 MB that a local start can do without. */
export async function loadS3Sdk(): Promise<S3Sdk> {
  const [commands, { getSignedUrl }] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('@aws-sdk/s3-request-presigner'),
  ]);
  return { ...commands, getSignedUrl };
}
