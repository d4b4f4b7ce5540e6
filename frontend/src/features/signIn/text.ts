import type { Role } from '../../api/types';

export const text = {
  product: 'PETReview',
  title: 'Sign in',
  purpose: 'Review and correct AI segmentations of tumours in PET/CT.',
  username: 'User name',
  password: 'Password',
  submit: 'Sign in',
  failed: 'You are not signed in.',
  demoTitle: 'Demonstration accounts',
  demoHint: 'One click signs you in. All data is synthetic.',
  signInAs: 'Sign in as',
  research: 'Research use only. Not for clinical use.',
  tooMany: 'Too many attempts. Wait a minute and try again.',
  roles: {
    reader: { name: 'Reader', does: 'reads the assigned cases' },
    coordinator: { name: 'Coordinator', does: 'plans reader studies, sees results' },
    data_manager: { name: 'Data manager', does: 'imports PET/CT studies' },
    administrator: { name: 'Administrator', does: 'users and model releases' },
  } satisfies Record<Role, { name: string; does: string }>,
} as const;
