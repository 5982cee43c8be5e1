import { runProcess } from '@tessera/service/lifecycle';
import { describePlatform } from './banner.js';
import { startLocalPlatform } from './local-platform.js';
import { parseLocalOptions } from './options.js';
import { seedDemo } from './seed-demo.js';

await runProcess(async () => {
  const options = parseLocalOptions(process.argv.slice(2), process.cwd());
  const platform = await startLocalPlatform(options, process.env);
  if (options.withDemo) await seedDemo(platform);
  process.stdout.write(describePlatform(platform, options));
  return platform;
});
