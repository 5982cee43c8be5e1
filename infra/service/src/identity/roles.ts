/** Built-in roles. `SUPER_ADMIN` belongs to the platform, the others to a tenant. */
export const builtInRoles = ['SUPER_ADMIN', 'TENANT_ADMIN', 'USER'] as const;

export type BuiltInRole = (typeof builtInRoles)[number];

/** Whether a role is the same in every tenant. */
export const isBuiltInRole = (role: string): role is BuiltInRole => (builtInRoles as readonly string[]).includes(role);

/** Everything that can be permitted, and what that means. A permission is named `<things>:<verb>`. */
const permissionMeanings = {
  'members:read': 'See who belongs to the tenant.',
  'members:manage': 'Invite and remove people, give them roles, and define roles.',
  'tenant:manage': 'Change the tenant itself and its settings.',
  'audit:read': 'Read the audit log of the tenant.',
  'apiKeys:manage': 'Make and revoke API keys.',
  'files:read': 'See and download files.',
  'files:write': 'Upload and delete files.',
  'metrics:read': 'Query metrics, and watch them live.',
  'events:write': 'Send events to be counted.',
  'alerts:read': 'See alerts and their rules.',
  'alerts:manage': 'Define what raises an alert.',
} as const;

export type Permission = keyof typeof permissionMeanings;

export const permissions = Object.keys(permissionMeanings) as readonly Permission[];

/** Whether a text names a permission. */
export const isPermission = (name: string): name is Permission => Object.hasOwn(permissionMeanings, name);

/** All permissions with what they mean, for those who put roles together. */
export function describePermissions(): readonly { readonly name: Permission; readonly description: string }[] {
  return permissions.map((name) => ({ name, description: permissionMeanings[name] }));
}

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
