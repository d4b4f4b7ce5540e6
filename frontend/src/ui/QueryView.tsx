import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { Loading } from './EmptyState';
import { ErrorNote } from './Note';

interface QueryViewProps<T> {
  query: UseQueryResult<T>;
  /** What could not be read, when it fails. */
  failed: string;
  rows?: number;
  children: (data: T) => ReactNode;
}

/** Loading, error with "Try again", or the data: the three faces of everything that is asked for. */
export function QueryView<T>({ query, failed, rows = 5, children }: QueryViewProps<T>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) return <ErrorNote title={failed} error={query.error} onRetry={() => void query.refetch()} />;
  return <Loading rows={rows} />;
}
