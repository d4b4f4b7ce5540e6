import type { Role } from '../api/types';

export const text = {
  product: 'PETReview',
  footer: 'Research use only. Not for clinical use.',
  demoBanner: 'Demonstration with synthetic data: phantoms, not patients.',
  skip: 'Skip to content',
  signOut: 'Sign out',
  liveLost: 'Live updates interrupted, reconnecting',
  sessionFailed: 'The server did not answer.',
  notYoursTitle: 'This page is not part of your role',
  notYours: 'Ask an administrator if you need it.',
  notFoundTitle: 'There is no such page',
  notFound: 'The address may be old, or mistyped.',
  home: 'Go to the start page',
  brokenTitle: 'This page stopped working',
  broken: 'Nothing that was saved is lost. Load the page again; if it happens once more, tell your administrator what stands below.',
  reload: 'Load again',
  openingRoom: 'Opening the reading room',
  nav: {
    worklist: 'Worklist',
    studies: 'Studies',
    upload: 'Import',
    readerStudies: 'Reader studies',
    administration: 'Administration',
  },
  roles: {
    reader: 'Reader',
    coordinator: 'Coordinator',
    data_manager: 'Data manager',
    administrator: 'Administrator',
  } satisfies Record<Role, string>,
} as const;
