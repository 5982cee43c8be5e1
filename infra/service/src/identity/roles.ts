/** Built-in roles. `SUPER_ADMIN` belongs to the platform, the others to a tenant. */
export const builtInRoles = ['SUPER_ADMIN', 'TENANT_ADMIN', 'USER'] as const;

export type BuiltInRole = (typeof builtInRoles)[number];

/** Everything that can be permitted. A permission is named `<things>:<verb>`. */
export const permissions = [
  'members:read',
  'members:manage',
  'tenant:manage',
  'audit:read',
  'files:read',
  'files:write',
  'metrics:read',
  'events:write',
  'alerts:read',
  'alerts:manage',
] as const;

export type Permission = (typeof permissions)[number];

const memberPermissions: readonly Permission[] = [
  'members:read',
  'files:read',
  'files:write',
  'metrics:read',
  'events:write',
  'alerts:read',
];

const rolePermissions: Readonly<Record<BuiltInRole, readonly Permission[]>> = {
  SUPER_ADMIN: permissions,
  TENANT_ADMIN: permissions,
  USER: memberPermissions,
};

/** The permissions that a set of roles grants; a role that nobody defined grants nothing. */
export function permissionsOf(roles: readonly string[]): ReadonlySet<Permission> {
  const granted = new Set<Permission>();
  for (const role of roles) {
    for (const permission of Object.hasOwn(rolePermissions, role) ? rolePermissions[role as BuiltInRole] : []) {
      granted.add(permission);
    }
  }
  return granted;
}
