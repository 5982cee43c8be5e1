import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { localModeScript, type LocalMode } from '../support/local-mode.js';
import { startPlatformProcess, type ProcessEnvironment } from '../support/platform-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** What the person at the terminal did wrong, told in a line that says what to do. */
export function defineStartFaults(startedLocalMode: () => LocalMode): void {
  let folder: string;
  beforeAll(async () => {
    folder = await temporaryFolder('start');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const start = (...commandLine: readonly string[]) => startWith({}, ...commandLine);
  const startWith = async (environment: ProcessEnvironment, ...commandLine: readonly string[]) => {
    const started = startPlatformProcess(localModeScript, commandLine, environment);
    const { code } = await started.ended;
    const [firstLine = ''] = started.output().split('\n');
    return { code, firstLine, output: started.output() };
  };

  test('a port in use is named, with a way out', async () => {
    const { port } = startedLocalMode();

    const { code, firstLine } = await start('--port', String(port), '--data-dir', join(folder, 'port'));

    expect(code).toBeGreaterThan(0);
    expect(firstLine).toMatch(new RegExp(`^Port ${port} \\(gateway\\) is in use.*--port \\d+$`));
  });

  test('a data folder that another process uses is refused', async () => {
    const { dataDirectory, pid } = startedLocalMode();

    const { code, firstLine } = await start('--port', '0', '--data-dir', dataDirectory);

    expect(code).toBeGreaterThan(0);
    expect(firstLine).toMatch(new RegExp(`^Data folder .* is used by process ${pid}\\. .*--data-dir`));
  });

  test.each([
    ['a file where the folder should be', async (path: string) => writeFile(path, 'no folder')],
    [
      'a database folder with something else in it',
      async (path: string) => {
        await mkdir(join(path, 'postgres'), { recursive: true });
        await writeFile(join(path, 'postgres/photo.jpg'), 'no database');
      },
    ],
    [
      'a database that was damaged',
      async (path: string) => {
        await mkdir(join(path, 'postgres'), { recursive: true, mode: 0o700 });
        await writeFile(join(path, 'postgres/PG_VERSION'), 'nonsense');
      },
    ],
    [
      'secrets that were damaged',
      async (path: string) => {
        await mkdir(path, { recursive: true });
        await writeFile(join(path, 'secrets.json'), '{"database": "abc');
      },
    ],
  ])('a broken data folder (%s) is named', async (what, breakIt) => {
    const path = join(folder, what.replaceAll(' ', '-'));
    await breakIt(path);

    const { code, firstLine, output } = await start('--port', '0', '--data-dir', path);

    expect(code).toBeGreaterThan(0);
    expect(firstLine).toContain(path);
    expect(output).not.toMatch(/^\s+at /m);
  });

  test.each([
    ['of the gateway', 'MAX_DEPTH', 'deep'],
    ['of all services', 'LOG_LEVEL', 'loud'],
    ['of a subgraph, once the database has started', 'SESSION_IDLE_MINUTES', 'never'],
  ])('a setting %s that makes no sense is named', async (what, name, value) => {
    const path = join(folder, what.replaceAll(' ', '-'));

    const { code, output } = await startWith({ [name]: value }, '--port', '0', '--data-dir', path);

    expect(code).toBe(78);
    expect(output).toContain(name);
    expect(output).not.toMatch(/^\s+at |Warning/m);
    await expect(readFile(join(path, 'tessera.pid'))).rejects.toThrow('ENOENT');
  });

  test.each([['--colour'], ['--port=many'], ['--port=70000']])('the option %s gets the usage', async (option) => {
    const { code, firstLine, output } = await start(option);

    expect(code).toBeGreaterThan(0);
    expect(firstLine).toMatch(/--(port|colour)/);
    expect(output).toContain('npm start -- [--port 4000]');
    expect(output).not.toMatch(/^\s+at /m);
  });
}
