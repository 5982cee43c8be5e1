/** The person and the tenant that local mode makes on its first start. Never made anywhere else. */
export const demoAccount = {
  email: 'demo@tessera.local',
  password: 'demo-password',
  displayName: 'Dana Demo',
  tenant: { name: 'Acme', slug: 'acme' },
} as const;
