import type { Role } from './types';

const ROLES: Readonly<Record<Role, true>> = { reader: true, coordinator: true, data_manager: true, administrator: true };

/** Those of the names that are roles this client knows. */
export function knownRoles(names: readonly string[]): Role[] {
  return names.filter((name): name is Role => Object.hasOwn(ROLES, name));
}

export function hasRole(user: { roles: readonly string[] } | null | undefined, role: Role): boolean {
  return user?.roles.includes(role) ?? false;
}
