import { describe } from '@jest/globals';
import { openFileSystemStore, openS3Store } from '../support/object-stores.js';
import { describeWithS3 } from '../support/s3-server.js';
import { objectStoreContract } from './object-store-contract.js';
import { objectUrlContract } from './object-url-contract.js';

describe('object store on a file system', () => {
  objectStoreContract(() => openFileSystemStore());
});

describe('URLs of an object store on a file system', () => {
  objectUrlContract(() => openFileSystemStore());
});

describeWithS3('object store on an S3 server', () => {
  objectStoreContract(openS3Store);
});

describeWithS3('URLs of an object store on an S3 server', () => {
  objectUrlContract(openS3Store);
});
