import { z } from 'zod';
import { isNetwork } from './trusted-networks.js';

/** A setting: `10.0.0.0/8, loopback`, addresses and networks of proxies; see {@link isNetwork}. Default none. */
export const networksField = z
  .string()
  .default('')
  .transform((text, check): readonly string[] => {
    const networks = text.split(/[\s,]+/).filter((network) => network !== '');
    if (!networks.every(isNetwork)) {
      check.addIssue({
        code: 'custom',
        message: 'must be a list of addresses, networks (10.0.0.0/8), loopback or private',
      });
    }
    return networks;
  });
