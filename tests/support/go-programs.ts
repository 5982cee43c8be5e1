import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const goPath = process.env['GOPATH'] ?? join(homedir(), 'go');

/** The PATH and the folder where `go install` puts programs. */
export const goSearchPath = (): string => [process.env['PATH'] ?? '', join(goPath, 'bin')].join(delimiter);

/** Where `go mod download` puts modules. */
export const goModules = process.env['GOMODCACHE'] ?? join(goPath, 'pkg/mod');
